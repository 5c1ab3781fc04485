import { randomUUID } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { newUuidV7 } from '../../src/platform/ids.ts'
import { aCaller, type Caller } from '../support/callers.ts'
import { aDatabase, type TestDatabase } from '../support/database.ts'
import { findFaults } from './check-books.ts'

const PAID_MICRO = 1_250_000n

let database: TestDatabase
let caller: Caller

beforeEach(async () => {
  database = await aDatabase()
  caller = await aCaller(database.db, 10n * PAID_MICRO)
})

/** A run as a server would have left it, but with only what the test says. */
async function aRun(
  status: 'succeeded' | 'failed' | 'running',
  chargeMicro = 0n,
  deadline = '1 hour',
): Promise<string> {
  const id = newUuidV7()
  await database.db.pool.query(
    `insert into runs (id, account_id, principal, agent_id, version, creator_account_id, status, hold_granted_micro,
       charge_micro, deadline_at, finished_at)
     values ($1, $2, 'key:x', 'agent', 1, 'creator', $3::"RunStatus", $4, $5, now() + $6::interval,
       case when $3::"RunStatus" <> 'running' then now() end)`,
    [id, caller.accountId, status, PAID_MICRO, chargeMicro, deadline],
  )
  await database.db.pool.query(
    `insert into idempotency_keys values ($1, 'key:x', $2, '\\x00', $3, now() + interval '1 day')`,
    [caller.accountId, randomUUID(), id],
  )
  return id
}

const answerOf = (runId: string, status: number) => ({
  order: { caller, agentId: 'agent', key: runId, body: '{}' },
  answer: { status, body: JSON.stringify({ runId, charge: '1.25', code: null }), isReplay: false },
})

const faultsOf = (answers: ReturnType<typeof answerOf>[] = []) => findFaults(database.db, PAID_MICRO, answers)

test('an untouched ledger has no faults', async () => {
  expect(await faultsOf()).toEqual([])
})

test('a charge that no transfer moved is a fault', async () => {
  const runId = await aRun('succeeded', PAID_MICRO)
  const faults = await faultsOf([answerOf(runId, 200)])
  expect(faults).toContainEqual(`run ${runId}: charged ${PAID_MICRO}, transfers say 0`)
})

test('a success that was not charged is a fault', async () => {
  const runId = await aRun('succeeded')
  expect(await faultsOf([answerOf(runId, 200)])).toContainEqual(expect.stringContaining('was charged 0'))
})

test('a run left open, and a hold that belongs to nobody, are faults', async () => {
  await aRun('running', 0n, '-1 second')
  await database.db.pool.query(
    `update ledger_accounts set held = held + 7 where account_id = $1 and kind = 'granted'`,
    [caller.accountId],
  )
  const faults = await faultsOf()
  expect(faults).toContainEqual('1 runs are open, 1 of them past their deadline')
  expect(faults).toContainEqual('7 micro-credits are held for nobody')
  expect(faults).toContainEqual(expect.stringMatching(/^ledger: /))
})

test('an answered 200 whose run failed or is not there, and a run that nobody asked for, are faults', async () => {
  const failed = await aRun('failed')
  const missing = newUuidV7()
  await aRun('failed')
  const faults = await faultsOf([answerOf(failed, 200), answerOf(missing, 200)])
  expect(faults).toContainEqual(`key ${failed}: answered 200, the run failed`)
  expect(faults).toContainEqual(expect.stringContaining(`key ${missing}: the run of its answer is not there`))
  expect(faults).toContainEqual('1 runs belong to no key that was sent')
})
