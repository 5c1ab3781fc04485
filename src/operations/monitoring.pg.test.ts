import { PassThrough } from 'node:stream'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { aCaller } from '../../test/support/callers.ts'
import { aDatabase } from '../../test/support/database.ts'
import { statement } from '../platform/database.ts'
import { handle } from './monitoring.handler.ts'

const STEAL = statement(
  'test.steal',
  `update ledger_accounts set posted = posted + 1 where account_id = $1 and kind = 'granted'`,
)

test('a balance that its transfers do not explain raises the alarm, sound books do not', async () => {
  const { db } = await aDatabase()
  const lines: string[] = []
  const sink = new PassThrough().on('data', (chunk: Buffer) => lines.push(chunk.toString()))
  const context = {
    jobId: 'job',
    attempt: 1,
    isLastAttempt: false,
    signal: AbortSignal.timeout(10_000),
    progress: () => {},
    log: pino(sink),
    jobs: { send: async () => 'job' },
  }
  const { accountId } = await aCaller(db, 5_000_000n)
  await handle({ db }, {}, context)
  expect(lines.join('')).toContain('the ledger was verified')
  lines.length = 0
  await db.execute(STEAL, [accountId])
  await handle({ db }, {}, context)
  expect(lines.join('')).toContain('the ledger and its transfers disagree')
  expect(lines.join('')).toContain(accountId)
})
