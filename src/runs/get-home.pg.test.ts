import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { aCaller, type Caller } from '../../test/support/callers.ts'
import { aDatabase } from '../../test/support/database.ts'
import { publishAgent } from '../../test/support/publish-agent.ts'
import { createPartitions } from '../credits/index.ts'
import { statement, type Database } from '../platform/database.ts'
import { createLogger } from '../platform/logger.ts'
import { getHome } from './get-home.ts'
import { listRuns } from './list-runs.ts'

let db: Database
let creator: Caller
let caller: Caller
const agents: string[] = []

beforeAll(async () => {
  ;({ db } = await aDatabase())
  await createPartitions({ db, log: createLogger('silent') })
  const dataDir = await mkdtemp(join(tmpdir(), 'bureau-home-'))
  creator = await aCaller(db, 0n, 'Home Creator')
  caller = await aCaller(db, 10_000_000n, 'Home Caller')
  for (const name of ['Used', 'Fresh', 'Other', 'Last'])
    agents.push(await publishAgent({ db, dataDir }, creator, { name, source: 'export default async (i) => i' }))
})

const INSERT_RUN = statement<{ id: string }>(
  'test.insert_run',
  `insert into runs (id, account_id, principal, agent_id, version, creator_account_id, status, charge_micro, hold_granted_micro, created_at,
     deadline_at, finished_at)
   values ((substr(uuid_v7_floor($3::timestamptz)::text, 1, 19) || substr(gen_random_uuid()::text, 20))::uuid, $1, 'user:x',
     $2, 1, 'creator', 'succeeded', $4, $4, $3, $3, $3) returning id`,
)
async function aRun(agentId: string, at: Date, chargeMicro: bigint): Promise<string> {
  const [row] = await db.query(INSERT_RUN, [caller.accountId, agentId, at, chargeMicro])
  return row?.id ?? ''
}

test('home shows the last runs by the names of their agents, what was spent, and agents not tried lately', async () => {
  const before = await getHome({ db }, caller.principal)
  expect(before).toMatchObject({ runs: [], balance: { available: '10', spentToday: '0' } })
  expect(before.agents).toHaveLength(3)
  const used = agents[0] ?? ''
  const runId = await aRun(used, new Date(), 2_300_000n)
  const home = await getHome({ db }, caller.principal)
  expect(home.runs).toMatchObject([{ runId, charge: '2.3', agent: { id: used, name: 'Used', owner: 'home-creator' } }])
  expect(home.balance).toMatchObject({ spentToday: '2.3', spentThisMonth: '2.3' })
  expect(home.agents.map(({ id }) => id)).not.toContain(used)
  // Nobody is told to try their own.
  expect((await getHome({ db }, creator.principal)).agents).toEqual([])
})

test('runs are found by when they began: from the first moment on, up to the last and not with it', async () => {
  const agentId = agents[1] ?? ''
  const at = (minute: number) => new Date(Date.now() - 3_600_000 + minute * 60_000)
  const [, second] = [await aRun(agentId, at(0), 0n), await aRun(agentId, at(1), 0n), await aRun(agentId, at(2), 0n)]
  const page = { limit: 10, take: 11, after: null, fields: null }
  const found = await listRuns({ db }, caller.principal, page, {
    agentId,
    status: null,
    from: at(0.5).toISOString(),
    to: at(1.5).toISOString(),
  })
  expect(found.map(({ id }) => id)).toEqual([second])
})
