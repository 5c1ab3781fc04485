import { beforeAll, expect, test } from 'vitest'
import { aDatabase } from '../../../test/support/database.ts'
import { anAccount, anAdmission, aRunLedger, aSuccess } from '../../../test/support/run-ledger.ts'
import { createPartitions } from '../../credits/index.ts'
import { encodeBlob } from '../../platform/blob.ts'
import type { Database } from '../../platform/database.ts'
import { newUuidV7 } from '../../platform/ids.ts'
import { createLogger } from '../../platform/logger.ts'
import type { RunLedger } from '../run-ledger.ts'
import { READ_EVENTS, STORE_EVENTS } from './events.queries.ts'

let db: Database
let ledger: RunLedger
let accountId: string
beforeAll(async () => {
  const database = await aDatabase()
  ;({ db } = database)
  await createPartitions({ db, log: createLogger('silent') })
  ledger = await aRunLedger(database.url)
  accountId = await anAccount(db, { granted: 1_000n })
})

async function aRunningRun() {
  const order = anAdmission(accountId)
  await ledger.admit(order)
  return order
}
const store = (runId: string, seqs: readonly number[], ownerId = ledger.ownerId) =>
  db.execute(STORE_EVENTS, [
    seqs.map(() => accountId),
    seqs.map(() => runId),
    seqs,
    seqs.map(() => 'run.log'),
    seqs.map((seq) => encodeBlob(Buffer.from(JSON.stringify({ seq })))),
    seqs.map(() => new Date()),
    ownerId,
  ])
const stored = async (runId: string): Promise<number[]> =>
  (await db.query(READ_EVENTS, [accountId, runId, 0, 100])).map(({ seq }) => seq)

test('events that are stored again, because the answer to the first time was lost, stand once', async () => {
  const { runId } = await aRunningRun()
  await store(runId, [1, 2, 3])
  await store(runId, [2, 3, 4])
  expect(await stored(runId)).toEqual([1, 2, 3, 4])
})

test('a process whose run somebody else has by now, or that is over, adds nothing to it', async () => {
  const order = await aRunningRun()
  await store(order.runId, [1])
  await store(order.runId, [2], newUuidV7())
  await ledger.settle(aSuccess(order))
  await store(order.runId, [3])
  expect(await stored(order.runId)).toEqual([1])
})
