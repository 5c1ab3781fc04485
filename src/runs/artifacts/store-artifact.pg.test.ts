import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { aDatabase } from '../../../test/support/database.ts'
import { atEndOfFile } from '../../../test/support/each-file.ts'
import { anAccount, anAdmission, aRunLedger, aSuccess } from '../../../test/support/run-ledger.ts'
import { createDiskStore, type ObjectStore } from '../../files/index.ts'
import type { Database } from '../../platform/database.ts'
import type { RunLedger } from '../run-ledger.ts'
import { LIST_ARTIFACTS } from './artifacts.queries.ts'
import { storeArtifact } from './store-artifact.ts'

let db: Database
let ledger: RunLedger
let store: ObjectStore
let dir: string
let accountId: string
beforeAll(async () => {
  const database = await aDatabase()
  db = database.db
  ledger = await aRunLedger(database.url)
  dir = await mkdtemp(join(tmpdir(), 'bureau-artifacts-'))
  atEndOfFile(() => rm(dir, { recursive: true }))
  const disk = createDiskStore({ dir })
  await disk.start(AbortSignal.timeout(5_000))
  store = disk
  accountId = await anAccount(db, { granted: 1_000n })
})

async function aRunningRun() {
  const order = anAdmission(accountId)
  await ledger.admit(order)
  return order
}

const put = (runId: string, name: string, isWanted: () => boolean) =>
  storeArtifact(
    { db, store, artifactTtlMs: 60_000 },
    { accountId, runId },
    { name, type: 'text/plain', sizeBytes: 1, content: contentOf(), isWanted },
  )
async function* contentOf(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('x')
}
const standing = async (runId: string) => {
  const rows = await db.query(LIST_ARTIFACTS, [accountId, runId])
  const files = await readdir(dir, { recursive: true, withFileTypes: true })
  return { names: rows.map(({ name }) => name), objects: files.filter((one) => one.isFile()).length }
}

test('what is stored after its run has ended is in no receipt: it is not kept, so that nobody gets it for nothing', async () => {
  const order = await aRunningRun()
  await put(order.runId, 'in-time.txt', () => true)
  expect(await standing(order.runId)).toEqual({ names: ['in-time.txt'], objects: 1 })
  // Stopped while the store was taking it, and not settled yet.
  let asked = 0
  await expect(put(order.runId, 'late.txt', () => ++asked < 1)).rejects.toThrow('The run ended before')
  await ledger.settle(aSuccess(order))
  await expect(put(order.runId, 'later.txt', () => true)).rejects.toThrow('The run ended before')
  expect(await standing(order.runId)).toEqual({ names: ['in-time.txt'], objects: 1 })
})
