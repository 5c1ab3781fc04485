import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { aCaller } from '../../test/support/callers.ts'
import { aDatabase } from '../../test/support/database.ts'
import { createDiskStore } from '../files/disk-store.ts'
import type { ObjectStore } from '../files/index.ts'
import { statement, type Database } from '../platform/database.ts'
import { newUuidV7 } from '../platform/ids.ts'
import { createLogger } from '../platform/logger.ts'
import { handle } from './cleanup.handler.ts'

const ADD_KEY = statement(
  'test.add_key',
  `insert into idempotency_keys (account_id, principal, key, fingerprint, run_id, expires_at)
   values ($1, 'key:1', $2, '\\x00', $3, now() + $4::interval)`,
)
const ADD_UPLOAD = statement(
  'test.add_upload',
  `insert into uploads (account_id, id, name, type, size_bytes, sha256, object_key, expires_at)
   values ($1, $2, 'a', 'text/csv', 1, '', $3, now() + $4::interval)`,
)
const KEYS = statement<{ key: string }>('test.keys', 'select key from idempotency_keys')
const UPLOADS = statement<{ object_key: string }>('test.uploads', 'select object_key from uploads')

const cleanUp = (db: Database, store: ObjectStore) =>
  handle(
    { db, store, retention: { contentDays: 30 } },
    {},
    {
      jobId: 'job',
      attempt: 1,
      isLastAttempt: false,
      signal: AbortSignal.timeout(60_000),
      progress: () => {},
      log: createLogger('silent'),
      jobs: { send: async () => 'job' },
    },
  )

test('expired keys and files go, with their objects; what still counts stays', async () => {
  const { db } = await aDatabase()
  const dir = await mkdtemp(join(tmpdir(), 'cleanup-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const store = createDiskStore({ dir })
  await store.start(AbortSignal.timeout(5_000))
  const { accountId } = await aCaller(db, 0n)
  for (const [name, interval] of [
    ['old', '-1 minute'],
    ['young', '1 day'],
  ] as const) {
    await db.execute(ADD_KEY, [accountId, name, newUuidV7(), interval])
    await store.put(`uploads/${accountId}/${name}/content`, Buffer.from(name), { contentType: 'text/csv' })
    await db.execute(ADD_UPLOAD, [accountId, newUuidV7(), `uploads/${accountId}/${name}/content`, interval])
  }
  await cleanUp(db, store)
  expect(await db.query(KEYS)).toEqual([{ key: 'young' }])
  expect(await db.query(UPLOADS)).toEqual([{ object_key: `uploads/${accountId}/young/content` }])
  expect(await store.exists(`uploads/${accountId}/old/content`)).toBe(false)
  expect(await store.exists(`uploads/${accountId}/young/content`)).toBe(true)
})

test('what a process left half written that died after the last start goes too; what may still be written stays', async () => {
  const { db } = await aDatabase()
  const dir = await mkdtemp(join(tmpdir(), 'cleanup-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const store = createDiskStore({ dir })
  await store.start(AbortSignal.timeout(5_000))
  const twoHoursAgo = Date.now() / 1_000 - 7_200
  for (const name of ['left', 'going-on']) await writeFile(join(dir, '.tmp', name), 'half')
  await utimes(join(dir, '.tmp', 'left'), twoHoursAgo, twoHoursAgo)
  await cleanUp(db, store)
  expect(await readdir(join(dir, '.tmp'))).toEqual(['going-on'])
})
