import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { aCaller, type Caller } from '../../test/support/callers.ts'
import { aDatabase } from '../../test/support/database.ts'
import { atEndOfFile } from '../../test/support/each-file.ts'
import { publishAgent } from '../../test/support/publish-agent.ts'
import type { Database } from '../platform/database.ts'
import type { Principal } from '../users/index.ts'
import { listOwnAgents, presentOwnAgent } from './list-own-agents.ts'

let db: Database
let ada: Caller
let other: Caller
const ids: Record<string, string> = {}
const page = (take: number, after: string | null = null) => ({ limit: take, take, after, fields: null })
const namesFor = async (principal: Principal, take = 10, after: string | null = null): Promise<string[]> =>
  (await listOwnAgents({ db }, principal, page(take, after))).map(({ name }) => name)

/** An hour of metrics, so many days ago. */
const anHour = (agentId: string, version: number, daysAgo: number, runs: number, failed: number, earnedMicro: bigint) =>
  db.pool.query(
    `insert into "AgentMetrics" (id, "agentId", version, timestamp, runs, succeeded, failed, "timedOut", canceled, callers,
       "p50Ms", "p95Ms", "p99Ms", "chargedMicro", "creatorMicro")
     values (gen_random_uuid()::text, $1, $2::int, date_trunc('hour', now()) - $3::int * interval '1 day', $4::int,
       $4::int - $5::int, $5::int - 1, 1, 0, 1,
       1, 1, 1, 0, $6)`,
    [agentId, version, daysAgo, runs, failed, earnedMicro],
  )

beforeAll(async () => {
  ;({ db } = await aDatabase())
  const dataDir = await mkdtemp(join(tmpdir(), 'bureau-own-'))
  atEndOfFile(() => rm(dataDir, { recursive: true, force: true }))
  ada = await aCaller(db, 0n, 'Ada')
  other = await aCaller(db, 0n, 'Other')
  for (const [name, creator] of [
    ['draft', ada],
    ['private', ada],
    ['public', ada],
    ['theirs', other],
  ] as const) {
    ids[name] = await publishAgent({ db, dataDir }, creator, { name, source: 'export default () => 1' })
    await db.pool.query(`update "Agent" set slug = $1 where id = $2`, [name, ids[name]])
  }
  await db.pool.query(`update "Agent" set status = 'draft', "activeVersion" = null where id = $1`, [ids['draft']])
  await db.pool.query(`update "Agent" set visibility = 'private' where id = $1`, [ids['private']])
})

test('an account reads all of its agents, also those that nobody else sees, and no others', async () => {
  expect(await namesFor(ada.principal)).toEqual(['draft', 'private', 'public'])
  expect(await namesFor(other.principal)).toEqual(['theirs'])
  const rows = await listOwnAgents({ db }, ada.principal, page(10))
  expect(rows.map(presentOwnAgent).map(({ status, visibility, version }) => [status, visibility, version])).toEqual([
    ['draft', 'public', null],
    ['active', 'private', 1],
    ['active', 'public', 1],
  ])
})

test('it pages by short name, each agent once', async () => {
  expect(await namesFor(ada.principal, 2)).toEqual(['draft', 'private'])
  expect(await namesFor(ada.principal, 2, 'private')).toEqual(['public'])
})

test('what an agent did is told of the last 30 days, of all of its versions, and of it alone', async () => {
  const agentId = ids['public'] ?? ''
  await anHour(agentId, 1, 1, 10, 3, 4_000_000n)
  await anHour(agentId, 2, 2, 5, 1, 500_000n)
  await anHour(agentId, 1, 31, 1_000, 900, 9_000_000n)
  await anHour(ids['theirs'] ?? '', 1, 1, 77, 7, 7_000_000n)
  const rows = await listOwnAgents({ db }, ada.principal, page(10))
  expect(rows.map(presentOwnAgent).map(({ lately }) => lately)).toEqual([
    { days: 30, runs: 0, failed: 0, earned: '0' },
    { days: 30, runs: 0, failed: 0, earned: '0' },
    { days: 30, runs: 15, failed: 4, earned: '4.5' },
  ])
})

test('a key for some agents is shown those, and one that may not read agents none', async () => {
  const key: Principal = { ...ada.principal, kind: 'key', agentIds: [ids['private'] ?? '', ids['theirs'] ?? ''] }
  expect(await namesFor(key)).toEqual(['private'])
  const less: Principal = { ...ada.principal, kind: 'key', permissions: new Set(['runs.create', 'runs.read']) }
  await expect(namesFor(less)).rejects.toMatchObject({ code: 'FORBIDDEN' })
})
