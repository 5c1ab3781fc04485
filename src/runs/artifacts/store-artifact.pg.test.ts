import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { aDatabase } from '../../../test/support/database.ts'
import { atEndOfFile } from '../../../test/support/each-file.ts'
import { aFailure, anAccount, anAdmission, aRunLedger, aSuccess } from '../../../test/support/run-ledger.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { createDiskStore, type ObjectStore } from '../../files/index.ts'
import type { Database } from '../../platform/database.ts'
import { statement } from '../../platform/database.ts'
import { createLogger } from '../../platform/logger.ts'
import { newUuidV7 } from '../../platform/ids.ts'
import { systemPrincipal } from '../../users/index.ts'
import { expireRunContent } from '../retention/expire-run-content.ts'
import type { RunLedger } from '../run-ledger.ts'
import { LIST_ARTIFACTS } from './artifacts.queries.ts'
import { getArtifact, listArtifacts, zipArtifacts } from './get-artifacts.ts'
import { giveOutArtifacts } from './give-out-artifacts.ts'
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

const put = (runId: string, name: string, isWanted: () => boolean, into: ObjectStore = store) =>
  storeArtifact(
    { db, store: into, artifactTtlMs: 60_000 },
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

const giveOut = (runId: string, ids: readonly string[], ownerId = ledger.ownerId) =>
  giveOutArtifacts({ db, ownerId }, { accountId, runId }, ids)
const get = (runId: string, name: string) => getArtifact({ db, store }, systemPrincipal('test', accountId), runId, name)
const isGivenOut = async (runId: string, name: string): Promise<unknown> =>
  get(runId, name).then(
    () => true,
    (error: { readonly code: string }) => error.code,
  )
const always = () => true

test('a file that came too late and that the store would not take back is given to nobody, and goes when it expires', async () => {
  const order = await aRunningRun()
  const delivered = await put(order.runId, 'delivered.txt', always)
  const isDown: ObjectStore = { ...store, delete: () => Promise.reject(new Error('the store is down')) }
  let asked = 0
  await expect(put(order.runId, 'late.txt', () => ++asked < 1, isDown)).rejects.toThrow('The run ended before')
  await giveOut(order.runId, [delivered])
  await ledger.settle(aSuccess(order, { status: 'canceled', code: 'RUN_CANCELED', output: null }))
  expect([await isGivenOut(order.runId, 'delivered.txt'), await isGivenOut(order.runId, 'late.txt')]).toEqual([
    true,
    'ARTIFACT_NOT_FOUND',
  ])
  const run = { ...order, id: order.runId, status: 'canceled' } as const
  expect((await listArtifacts(db, run, null)).map(({ name }) => name)).toEqual(['delivered.txt'])
  const archive: Uint8Array[] = []
  for await (const piece of await zipArtifacts({ db, store }, systemPrincipal('test', accountId), order.runId))
    archive.push(piece)
  expect(Buffer.concat(archive).toString('latin1')).not.toContain('late.txt')

  const expire = statement('test.expire_artifacts', `update artifacts set expires_at = now() - interval '1 s'`)
  await db.execute(expire)
  const before = (await standing(order.runId)).objects
  const log = createLogger('silent')
  const now = { nowMs: Date.now(), contentDays: 30 }
  expect(await expireRunContent({ db, store, log }, now, new AbortController().signal)).toMatchObject({
    artifacts: before,
  })
  expect((await standing(order.runId)).objects).toBe(0)
})

test('nothing is given out of what nobody said was delivered: the process died before it could', async () => {
  const order = await aRunningRun()
  await put(order.runId, 'in-time.txt', always)
  await ledger.settle(aSuccess(order))
  expect(await isGivenOut(order.runId, 'in-time.txt')).toBe('ARTIFACT_NOT_FOUND')
})

test('a process that was taken for dead gives out nothing of a run that is not its own any more', async () => {
  const order = await aRunningRun()
  const ids = [await put(order.runId, 'of-the-dead.txt', always)]
  await giveOut(order.runId, ids, newUuidV7())
  await ledger.settle(aSuccess(order))
  expect(await isGivenOut(order.runId, 'of-the-dead.txt')).toBe('ARTIFACT_NOT_FOUND')
  await giveOut(order.runId, ids)
  expect(await isGivenOut(order.runId, 'of-the-dead.txt')).toBe('ARTIFACT_NOT_FOUND')
})

test('where somebody else settles the run in the same moment, nothing of it is given out afterwards', async () => {
  const order = await aRunningRun()
  const ids = [await put(order.runId, 'racing.txt', always)]
  const waiting = statement<{ readonly waits: boolean }>(
    'test.waits_for_run',
    `select exists (select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
       and query like '%is_withheld = false%') as waits`,
  )
  let giving: Promise<void> | undefined
  await db.transaction(async ({ client }) => {
    await client.query(`update runs set status = 'succeeded', finished_at = now() where account_id = $1 and id = $2`, [
      accountId,
      order.runId,
    ])
    giving = giveOut(order.runId, ids)
    await eventually(async () => expect(await db.query(waiting)).toEqual([{ waits: true }]), { withinMs: 20_000 })
  })
  await giving
  expect(await isGivenOut(order.runId, 'racing.txt')).toBe('ARTIFACT_NOT_FOUND')
})

test('of a run that failed no file is given out, and what there is says that it was not paid', async () => {
  const order = await aRunningRun()
  await put(order.runId, 'unpaid.txt', always)
  await ledger.settle(aFailure(order))
  expect(await isGivenOut(order.runId, 'unpaid.txt')).toBe('ARTIFACT_NOT_PAID')
})
