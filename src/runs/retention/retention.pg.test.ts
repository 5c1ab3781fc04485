import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { aCaller } from '../../../test/support/callers.ts'
import { aDatabase } from '../../../test/support/database.ts'
import { atEndOfFile } from '../../../test/support/each-file.ts'
import { createDiskStore, type ObjectStore } from '../../files/index.ts'
import { encodeBlob } from '../../platform/blob.ts'
import type { Database } from '../../platform/database.ts'
import { newUuidV7 } from '../../platform/ids.ts'
import { createLogger } from '../../platform/logger.ts'
import { systemPrincipal } from '../../users/index.ts'
import { deleteRunContent } from './delete-run-content.ts'
import { expireRunContent } from './expire-run-content.ts'
import { WISH_RETENTION } from './retention.queries.ts'

const log = createLogger('silent')
const never = new AbortController().signal
const DAY_MS = 86_400_000

let db: Database
let store: ObjectStore
let accountId: string
beforeAll(async () => {
  db = (await aDatabase()).db
  const dir = await mkdtemp(join(tmpdir(), 'bureau-retention-'))
  atEndOfFile(() => rm(dir, { recursive: true }))
  const disk = createDiskStore({ dir })
  await disk.start(AbortSignal.timeout(5_000))
  store = disk
  accountId = (await aCaller(db, 0n)).accountId
})

/** The smallest UUIDv7 of a moment and a random rest: as ids made then. */
function idAt(at: Date): string {
  const time = at.getTime().toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-${newUuidV7().slice(14)}`
}

type RunOfTest = { readonly id: string; readonly upload: string; readonly artifact: string }

/** A run that ended so long ago, with everything that a run can have. */
async function aRun(
  ageMs: number,
  more: { readonly open?: boolean; readonly bytes?: number; readonly sentAhead?: true } = {},
): Promise<RunOfTest> {
  const at = new Date(Date.now() - ageMs)
  const id = idAt(at)
  const [upload, artifact] = [newUuidV7(), newUuidV7()]
  const file = { $file: 'csv', uploadId: upload, name: 'a.csv', ...(more.sentAhead && { sentAhead: true }) }
  const input = { text: 'a secret', csv: file }
  const blob = encodeBlob(Buffer.from(JSON.stringify('x'.repeat(more.bytes ?? 10))))
  await db.pool.query(
    `insert into runs (id, account_id, principal, agent_id, version, creator_account_id, status, input, output, logs,
       created_at, deadline_at, finished_at)
     values ($1, $2, 'key:k', 'a', 1, $2, $3::"RunStatus", $4, $5, $5, $6, $6, $7)`,
    [
      id,
      accountId,
      more.open ? 'running' : 'succeeded',
      encodeBlob(Buffer.from(JSON.stringify(input))),
      blob,
      at,
      more.open ? null : at,
    ],
  )
  await db.pool.query(
    `insert into run_events (account_id, run_id, seq, type, data) values ($1, $2, 1, 'run.log', 'x')`,
    [accountId, id],
  )
  await db.pool.query(
    `insert into run_egress (account_id, run_id, host, requests, refused, sent_bytes, received_bytes)
     values ($1, $2, 'api.example.com', 1, 0, 1, 1)`,
    [accountId, id],
  )
  const objects = [`uploads/${accountId}/${upload}/content`, `artifacts/${accountId}/${artifact}`]
  for (const key of objects) await store.put(key, Buffer.from('x'), { contentType: 'text/plain' })
  await db.pool.query(
    `insert into uploads (account_id, id, name, type, size_bytes, sha256, object_key) values ($1, $2, 'a', 't', 1, '', $3)`,
    [accountId, upload, objects[0]],
  )
  await db.pool.query(
    `insert into artifacts (account_id, id, run_id, name, type, size_bytes, sha256, object_key, expires_at)
     values ($1, $2, $3, 'a', 't', 1, '', $4, $5)`,
    [accountId, artifact, id, objects[1], new Date(at.getTime() + 7 * DAY_MS)],
  )
  return { id, upload: objects[0] ?? '', artifact: objects[1] ?? '' }
}

async function stateOf(run: RunOfTest): Promise<string> {
  const { rows } = await db.pool.query<Record<string, number>>(
    `select (select count(*) from runs where id = $1)::int as rows,
       (select count(input) + count(output) + count(logs) from runs where id = $1)::int as blobs,
       (select count(*) from runs where id = $1 and content_deleted_at is not null)::int as told,
       (select count(*) from run_events where run_id = $1)::int
         + (select count(*) from run_egress where run_id = $1)::int as events,
       (select count(*) from artifacts where run_id = $1)::int as artifacts`,
    [run.id],
  )
  const { rows: there = 0, blobs = 0, told = 0, events = 0, artifacts = 0 } = rows[0] ?? {}
  const objects = [await store.exists(run.upload), await store.exists(run.artifact)]
  return `row ${there} blobs ${blobs} told ${told} events ${events} artifacts ${artifacts} objects ${objects.join(' ')}`
}
const WHOLE = 'row 1 blobs 3 told 0 events 2 artifacts 1 objects true true'

const expire = (contentDays = 30) => expireRunContent({ db, store, log }, { nowMs: Date.now(), contentDays }, never)
const markAt = (ageMs: number) =>
  db.pool.query('update run_retention_mark set up_to = $1', [new Date(Date.now() - ageMs)])

test('what is older than the site keeps goes, what it cost stays, and what is younger is whole', async () => {
  await markAt(33 * DAY_MS)
  const old = await aRun(31 * DAY_MS)
  const young = await aRun(29 * DAY_MS)
  const fresh = await aRun(60_000)
  expect(await expire()).toMatchObject({ aged: 1 })
  // Files sent with a run and artifacts have a time of their own.
  expect(await stateOf(old)).toBe('row 1 blobs 0 told 1 events 0 artifacts 0 objects true false')
  expect(await stateOf(young)).toBe('row 1 blobs 3 told 0 events 2 artifacts 0 objects true false')
  expect(await stateOf(fresh)).toBe(WHOLE)
  expect(await expire()).toEqual({ wished: 0, aged: 0, artifacts: 0, months: 0 })
})

test('a run that somebody held when its time came goes when it is next looked for', async () => {
  await markAt(33 * DAY_MS)
  const [held, beside] = [await aRun(31.5 * DAY_MS), await aRun(31 * DAY_MS)]
  const holder = await db.pool.connect()
  try {
    await holder.query('begin')
    await holder.query('select 1 from runs where id = $1 for update', [held.id])
    expect(await expire()).toMatchObject({ aged: 1 })
  } finally {
    await holder.query('rollback')
    holder.release()
  }
  expect(await stateOf(held)).toContain('blobs 3')
  expect(await stateOf(beside)).toContain('blobs 0')
  expect(await expire()).toMatchObject({ aged: 1 })
  expect(await stateOf(held)).toContain('blobs 0 told 1 events 0')
})

test('a shorter wish is kept to the run it was made for, with its files; a longer one changes nothing', async () => {
  const wished = await aRun(2 * 3_600_000)
  const patient = await aRun(2 * 3_600_000)
  const other = await aRun(2 * 3_600_000)
  const open = await aRun(2 * 3_600_000, { open: true })
  const wish = (id: string, ms: number) =>
    db.execute(WISH_RETENTION, [accountId, id, String(ms), String(-3 * 3_600_000)])
  await wish(wished.id, 3_600_000)
  await wish(patient.id, 90 * 3_600_000)
  await wish(open.id, 0)
  await wish(newUuidV7(), 0)
  await db.pool.query(`update run_retentions set look_at = now() - interval '1 minute'`)
  expect(await expire()).toMatchObject({ wished: 1 })
  expect(await stateOf(wished)).toBe('row 1 blobs 0 told 1 events 0 artifacts 0 objects false false')
  for (const run of [patient, other, open]) expect(await stateOf(run)).toBe(WHOLE)
  const { rows } = await db.pool.query('select run_id from run_retentions order by run_id')
  expect(rows.map(({ run_id: id }) => id)).toEqual([patient.id, open.id].toSorted())
})

test("a caller deletes a run at once, again without harm, and neither a running nor a stranger's one", async () => {
  const run = await aRun(60_000)
  const open = await aRun(60_000, { open: true })
  const caller = systemPrincipal('test', accountId)
  await deleteRunContent({ db, store }, caller, run.id)
  await deleteRunContent({ db, store }, caller, run.id)
  expect(await stateOf(run)).toBe('row 1 blobs 0 told 1 events 0 artifacts 0 objects false false')
  await expect(deleteRunContent({ db, store }, caller, open.id)).rejects.toMatchObject({ code: 'RUN_NOT_ENDED' })
  const stranger = systemPrincipal('test', (await aCaller(db, 0n)).accountId)
  await expect(deleteRunContent({ db, store }, stranger, open.id)).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' })
  expect(await stateOf(open)).toBe(WHOLE)
})

test("a file that was sent ahead is its account's, and stays when a run that read it is deleted", async () => {
  const run = await aRun(60_000, { sentAhead: true })
  await deleteRunContent({ db, store }, systemPrincipal('test', accountId), run.id)
  expect(await stateOf(run)).toBe('row 1 blobs 0 told 1 events 0 artifacts 0 objects true false')
})

test('a past month gives its room back to the disk: events are dropped, runs written anew, ids still found', async () => {
  const now = new Date()
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 3, 10))
  await db.pool.query('select create_month_partition(parent, $1) from unnest($2::text[]) parent', [
    month,
    ['runs', 'run_events'],
  ])
  const ageMs = now.getTime() - month.getTime()
  const runs = []
  for (let i = 0; i < 12; i++) runs.push(await aRun(ageMs + i * 60_000, { bytes: 50 }))
  const name = `runs_${month.toISOString().slice(0, 7).replace('-', '')}`
  const ballast = `update ${name} set output = (select string_agg(decode(md5(random()::text || n), 'hex'), '') from generate_series(1, 4000) n)`
  await db.pool.query(ballast)
  const sizeOf = async (): Promise<number> => {
    const { rows } = await db.pool.query(`select pg_total_relation_size($1)::float8 as bytes`, [name])
    return rows[0].bytes
  }
  const before = await sizeOf()
  await markAt(ageMs + 5 * DAY_MS)
  expect(await expire()).toMatchObject({ aged: 12, months: 2 })
  expect(await sizeOf()).toBeLessThan(before / 5)
  for (const run of runs.slice(0, 3)) expect(await stateOf(run)).toMatch(/^row 1 blobs 0 told 1 events 0/)
  const { rows } = await db.pool.query(`select to_regclass($1) as events`, [name.replace('runs_', 'run_events_')])
  expect(rows[0].events).toBeNull()
  expect(await expire()).toMatchObject({ aged: 0, months: 0 })
  // The month is a partition as it was: its bounds hold, its keys are unique.
  await expect(db.pool.query(`insert into ${name} select * from ${name} limit 1`)).rejects.toThrow('duplicate key')
  const { rows: bounds } = await db.pool.query(
    `select pg_get_expr(relpartbound, oid) as bound from pg_class where relname = $1 and relispartition`,
    [name],
  )
  expect(bounds[0].bound).toMatch(/^FOR VALUES FROM/)
})

test('names that are not a past month are refused, whatever they say', async () => {
  for (const name of ['runs', 'runs_default', 'runs_202601; drop table runs', 'transfers_202601'])
    for (const fn of ['drop_run_events_month', 'rewrite_runs_month'])
      await expect(db.pool.query(`select ${fn}($1)`, [name])).rejects.toThrow('is not a month of')
})
