import { beforeAll, expect, test } from 'vitest'
import { aCaller, type Caller } from '../../test/support/callers.ts'
import { aDatabase, type TestDatabase } from '../../test/support/database.ts'
import { anAdmission, aRunLedger, aSuccess } from '../../test/support/run-ledger.ts'
import { createPartitions } from '../credits/index.ts'
import { encodeBlob } from '../platform/blob.ts'
import { statement } from '../platform/database.ts'
import { createLogger } from '../platform/logger.ts'
import { createApiKey, permissionsOf, type Principal } from '../users/index.ts'
import { cancelRun } from './cancel-run.ts'
import { createFindWaiting } from './find-waiting.ts'
import { getRun } from './get-run.ts'
import { createRunCancels } from './run-cancels.ts'
import type { RunLedger } from './run-ledger.ts'
import { CANCEL, CLAIM } from './runs.queries.ts'

const log = createLogger('silent')
let database: TestDatabase
let ledger: RunLedger
let ada: Caller
beforeAll(async () => {
  database = await aDatabase()
  await createPartitions({ db: database.db, log })
  ledger = await aRunLedger(database.url)
  ada = await aCaller(database.db, 1_000n, 'Ada')
})

async function aQueuedRun(principal: string, accountId = ada.accountId): Promise<string> {
  const input = encodeBlob(Buffer.from('{}'))
  const admission = anAdmission(accountId, { principal, input, timeoutMs: 60_000 })
  await ledger.enqueue({ ...admission, isFresh: false, isIdempotent: false })
  return admission.runId
}
const cancel = (by: Principal, runId: string) =>
  cancelRun(
    {
      db: database.db,
      ledger: { reads: database.db, waits: ledger.waits },
      cancels: createRunCancels({ db: database.db, log, ownerId: ledger.ownerId }),
      watch: { ended: () => undefined },
    },
    by,
    runId,
  )
const canceledBy = async (reader: Principal, runId: string) => {
  const waiting = createFindWaiting({ db: database.db, runsPerAccount: 24, slots: () => 32 })
  return (await getRun({ db: database.db, waiting, retention: { contentDays: 30 } }, reader, runId)).canceledBy
}

/** A key of Ada's account, as whoever comes with it. */
async function aKey(name: string, scopes: Parameters<typeof createApiKey>[2]['scopes']): Promise<Principal> {
  const made = await createApiKey({ db: database.db }, ada.principal, {
    name,
    scopes,
    agentIds: [],
    expiresAt: null,
    monthlyCapMicro: null,
  })
  return { ...ada.principal, kind: 'key', id: `key:${made.id}`, userId: null, permissions: new Set(scopes) }
}

test('whoever stopped a run is told so wherever they open it, and their account by name', async () => {
  const grace = await aCaller(database.db, 0n, 'Grace')
  await database.db.execute(
    statement('test.join', `insert into "Member" ("accountId", "userId", role) values ($1, $2, 'developer')`),
    [ada.accountId, grace.userId],
  )
  const colleague = { ...grace.principal, accountId: ada.accountId, permissions: permissionsOf('developer', false) }
  const runId = await aQueuedRun(ada.principal.id)
  expect(await canceledBy(ada.principal, runId)).toBeNull()
  await cancel(ada.principal, runId)
  expect(await canceledBy(ada.principal, runId)).toEqual({ kind: 'person', isYou: true, name: 'Ada' })
  expect(await canceledBy(colleague, runId)).toEqual({ kind: 'person', isYou: false, name: 'Ada' })
  const theirs = await aQueuedRun(ada.principal.id)
  await cancel(colleague, theirs)
  const told = await canceledBy(ada.principal, theirs)
  expect(told).toEqual({ kind: 'person', isYou: false, name: 'Grace' })
  expect(JSON.stringify(told)).not.toContain('@')
})

test('a key that stopped a run is named to who may list keys; a key that may not list people is told none', async () => {
  const [stops, reads] = [await aKey('nightly', ['runs.create', 'runs.read']), await aKey('reads', ['runs.read'])]
  const byKey = await aQueuedRun(stops.id)
  await cancel(stops, byKey)
  expect(await canceledBy(stops, byKey)).toEqual({ kind: 'key', isYou: true, name: null })
  expect(await canceledBy(ada.principal, byKey)).toEqual({ kind: 'key', isYou: false, name: 'nightly' })
  expect(await canceledBy(reads, byKey)).toEqual({ kind: 'key', isYou: false, name: null })
  const byPerson = await aQueuedRun(stops.id)
  await cancel(ada.principal, byPerson)
  expect(await canceledBy(reads, byPerson)).toEqual({ kind: 'person', isYou: false, name: null })
})

test('of two who ask to stop a run that is going the first has stopped it; one that ended by itself nobody has', async () => {
  const [first, second] = [await aKey('first', ['runs.create', 'runs.read']), ada.principal]
  const [stopped, done] = [await aQueuedRun(second.id), await aQueuedRun(second.id)]
  const claimed = await database.db.query(CLAIM, [ledger.ownerId, '', 2, 24])
  expect(claimed.map(({ id }) => id)).toEqual([stopped, done])
  for (const runId of [stopped, done])
    for (const { id } of [first, second])
      expect(await database.db.query(CANCEL, [ada.accountId, runId, 'canceled', 'RUN_CANCELED', null, id])).toEqual([
        { outcome: 'asked', owner: ledger.ownerId },
      ])
  expect(await canceledBy(second, stopped)).toBeNull()
  const settle = (runId: string, facts: object) =>
    ledger.settle(aSuccess({ ...anAdmission(ada.accountId), runId }, { events: null, chargeMicro: 0n, ...facts }))
  await settle(stopped, { status: 'canceled', code: 'RUN_CANCELED' })
  await settle(done, { chargeMicro: 10n, events: [{ what: 'run', count: 1, micro: '10' }] })
  expect(await canceledBy(second, stopped)).toEqual({ kind: 'key', isYou: false, name: 'first' })
  expect(await canceledBy(second, done)).toBeNull()
})

test('a guest who stopped their run is told so, without a name', async () => {
  const permissions: Principal['permissions'] = new Set(['runs.create', 'runs.read'])
  const guest: Principal = { ...ada.principal, kind: 'visitor', id: 'visitor:somebody', userId: null, permissions }
  const runId = await aQueuedRun(guest.id)
  await cancel(guest, runId)
  expect(await canceledBy(guest, runId)).toEqual({ kind: 'guest', isYou: true, name: null })
})
