import { beforeAll, expect, test } from 'vitest'
import { aDatabase, type TestDatabase } from '../../test/support/database.ts'
import { statement } from '../platform/database.ts'
import { rollUpAgentMetrics } from './roll-up-agent-metrics.ts'

let database: TestDatabase
const NOW_MS = Date.parse('2026-11-20T10:30:00Z')

const ADD_AGENT = statement(
  'test.add_agent',
  `
  with creator as (insert into "Account" (id, name, slug, kind) values ('creator', 'Creator', 'creator', 'personal'))
  insert into "Agent" (id, name, description, "fileUrl", "createdBy", "accountId", slug)
  values ('agent', 'Agent', '', '', 'user', 'creator', 'agent')`,
)
const ADD_RUN = statement(
  'test.add_run',
  `
  insert into runs (id, account_id, principal, agent_id, version, creator_account_id, status, hold_bought_micro,
    charge_micro, creator_micro, run_ms, created_at, deadline_at, finished_at)
  values ((substr(uuid_v7_floor($1)::text, 1, 24) || substr(md5(random()::text), 1, 12))::uuid, $2, 'key:1', 'agent', 1,
    'creator', $3, 10, $4, $5, $6, $1, $1, $1)`,
)
const METRICS = statement('test.metrics', 'select * from "AgentMetrics" order by timestamp')

const addRun = (at: string, payer: string, status: string, chargeMicro: number, runMs: number) =>
  database.db.execute(ADD_RUN, [new Date(at), payer, status, chargeMicro, Math.floor(chargeMicro * 0.8), runMs])

beforeAll(async () => {
  database = await aDatabase()
  await database.db.execute(ADD_AGENT)
  await addRun('2026-11-20T10:01:00Z', 'ada', 'succeeded', 10, 5)
  await addRun('2026-11-20T10:02:00Z', 'ada', 'succeeded', 10, 7)
  await addRun('2026-11-20T10:03:00Z', 'bob', 'failed', 0, 100)
  await addRun('2026-11-20T10:04:00Z', 'creator', 'succeeded', 10, 1)
  await addRun('2026-11-20T09:59:59Z', 'bob', 'timed_out', 0, 900)
})

test('runs of an hour become one row, the creator’s own left out, and again gives the same rows', async () => {
  await rollUpAgentMetrics(database, NOW_MS)
  const first = await database.db.query(METRICS)
  expect(first).toMatchObject([
    { timestamp: new Date('2026-11-20T09:00:00Z'), runs: 1, timedOut: 1, callers: 1, p50Ms: 900 },
    {
      timestamp: new Date('2026-11-20T10:00:00Z'),
      runs: 3,
      succeeded: 2,
      failed: 1,
      callers: 2,
      p50Ms: 7,
      p99Ms: 100,
      chargedMicro: 20n,
      creatorMicro: 16n,
    },
  ])
  await rollUpAgentMetrics(database, NOW_MS)
  expect(await database.db.query(METRICS)).toEqual(first)
})
