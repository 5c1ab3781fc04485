import { randomBytes } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { aCaller, type Caller } from '../../test/support/callers.ts'
import { aDatabase } from '../../test/support/database.ts'
import { publishAgent } from '../../test/support/publish-agent.ts'
import { refreshAgentFacts } from '../analytics/index.ts'
import { createHttpApp, httpOptions, type HttpApp } from '../http/index.ts'
import { systemClock } from '../platform/clock.ts'
import { loadConfig } from '../platform/config.ts'
import { statement, type Database } from '../platform/database.ts'
import { createDiskStore } from '../files/index.ts'
import { createLogger } from '../platform/logger.ts'
import { createAuthentication, createKeyVerifier } from '../users/index.ts'
import { agentsRoutes, createAgentCache, listAgents, type CatalogueQuery } from './index.ts'
import { CATALOGUE_SORTS } from './catalogue.queries.ts'

let db: Database
let app: HttpApp
let creator: Caller
let dataDir: string
const log = createLogger('silent')

beforeAll(async () => {
  ;({ db } = await aDatabase())
  dataDir = await mkdtemp(join(tmpdir(), 'bureau-catalogue-'))
  const { http } = loadConfig({ http: httpOptions }, {})
  const keys = createKeyVerifier({ db, clock: systemClock, log })
  app = await createHttpApp({ config: http, log, authentication: createAuthentication({ keys }) })
  const cache = createAgentCache({ db, redis: null, clock: systemClock, log })
  const site = () => ({ isolation: 'strong' as const, retention: { days: 30 } })
  const store = createDiskStore({ dir: join(dataDir, 'objects') })
  await app.register(
    agentsRoutes({ db, agents: { cache, creatorShare: 8_000 }, store, site, trialsLeft: async () => null }),
  )
  await app.ready()
  creator = await aCaller(db, 0n, 'Catalogue Creator')
  await anAgent('CSV profiler', { description: 'Tells what is in a file of columns', category: 'data' })
  await anAgent('Invoice reader', { description: 'Reads totals from invoices', category: 'finance', hosts: 2 })
  await anAgent('Haiku writer', { description: 'Writes short poems about CSV', category: 'fun', language: 'python' })
  await anAgent('Unlisted helper', { visibility: 'unlisted' })
  await anAgent('Resting helper', { status: 'inactive' })
})

const SET = statement(
  'test.set_agent',
  `update "Agent" set description = coalesce($2, description), category = coalesce($3, category),
     language = coalesce($4, language), hosts = coalesce($5, hosts), visibility = coalesce($6::"AgentVisibility", visibility),
     status = coalesce($7::"AgentStatus", status) where id = $1`,
)
type Facts = Partial<Record<'description' | 'category' | 'language' | 'visibility' | 'status', string>> & {
  readonly hosts?: number
  readonly runMicro?: bigint
}
async function anAgent(name: string, facts: Facts = {}): Promise<string> {
  const runMicro = facts.runMicro ?? 1_000_000n
  const source = 'export default async (i) => i'
  const id = await publishAgent({ db, dataDir }, creator, { name, source, runMicro })
  const { description, category, language, hosts, visibility, status } = facts
  await db.execute(SET, [id, description, category, language, hosts, visibility, status])
  return id
}

const INSERT_METRICS = statement(
  'test.insert_metrics',
  `insert into "AgentMetrics" (id, "agentId", version, timestamp, runs, succeeded, failed, "timedOut", canceled, callers,
     "p50Ms", "p95Ms", "p99Ms", "chargedMicro", "creatorMicro")
   values ($1, $2, 1, date_trunc('hour', $3::timestamptz), $4, $5, $6, 0, $7, 1, $8, $9, $9, $10, 0)`,
)
type Hour = { readonly at: Date; readonly done: number; readonly failed: number; readonly stopped: number }
const anHour = (agentId: string, { at, done, failed, stopped }: Hour, ms: number, chargedMicro: bigint) =>
  db.execute(INSERT_METRICS, [
    randomBytes(8).toString('hex'),
    agentId,
    at,
    done + failed + stopped,
    done,
    failed,
    stopped,
    ms,
    ms * 2,
    chargedMicro,
  ])

type List = { items: Record<string, unknown>[]; nextCursor: string | null; nearest?: { name: string }[] }
async function list(query: string, key?: string): Promise<List> {
  const answer = await get(`/api/agents?${query}`, key)
  expect(answer.statusCode, answer.body).toBe(200)
  return answer.json<List>()
}
const get = (url: string, key?: string, headers: Record<string, string> = {}) =>
  app.inject({ url, headers: { ...headers, ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) } })
const namesOf = ({ items }: List) => items.map((item) => item['name'])

test('a search finds words by their beginning and stem, in names before descriptions, and nothing that is not public', async () => {
  expect(namesOf(await list('q=csv'))).toEqual(['CSV profiler', 'Haiku writer'])
  expect(namesOf(await list('q=inv'))).toEqual(['Invoice reader'])
  expect(namesOf(await list('q=poem'))).toEqual(['Haiku writer'])
  expect(namesOf(await list('q=helper'))).toEqual([])
  for (const hostile of ["'", '%', '!!!', ':* & |', '<->', '\\', '--', '((((', '"'])
    expect(namesOf(await list(`q=${encodeURIComponent(hostile)}`))).toEqual([])
})

test('who finds nothing is told the names that are like it', async () => {
  const found = await list('q=csv+profler')
  expect(found.items).toEqual([])
  expect(found.nearest?.[0]?.name).toBe('CSV profiler')
  expect((await list('q=zzzzzz')).nearest).toEqual([])
})

test('filters narrow the list, and the facets say what each choice would leave', async () => {
  expect(namesOf(await list('category=finance'))).toEqual(['Invoice reader'])
  expect(namesOf(await list('network=none&sort=new'))).toEqual(['Haiku writer', 'CSV profiler'])
  expect(namesOf(await list('language=python'))).toEqual(['Haiku writer'])
  expect(namesOf(await list('maxPrice=0.5'))).toEqual([])
  const facets = (await get('/api/agents/facets?category=fun&network=none')).json()
  expect(facets).toMatchObject({
    // The category's own choice is left out of its counts.
    categories: [
      { value: 'data', count: 1 },
      { value: 'fun', count: 1 },
    ],
    network: [{ value: 'none', count: 1 }],
    languages: [{ value: 'python', count: 1 }],
    prices: [
      { value: '0', count: 0 },
      { value: '1', count: 1 },
      { value: '5', count: 1 },
      { value: '20', count: 1 },
    ],
    total: 1,
  })
  expect((await get('/api/agents?category=nonsense')).statusCode).toBe(400)
})

test("facts come from the last 30 days' metrics, and few good runs weigh less than many", async () => {
  const [few, many] = [await anAgent('Few runs'), await anAgent('Many runs')]
  const now = new Date()
  await anHour(few, { at: now, done: 3, failed: 0, stopped: 0 }, 10, 3_000_000n)
  await anHour(many, { at: now, done: 970, failed: 20, stopped: 10 }, 400, 970_000_000n)
  await anHour(many, { at: new Date(now.getTime() - 40 * 86_400_000), done: 500, failed: 500, stopped: 0 }, 1, 1n)
  expect(await refreshAgentFacts({ db }, Date.now())).toBe(2)
  expect(await refreshAgentFacts({ db }, Date.now())).toBe(0)
  const rated = await list('sort=rating&limit=2')
  expect(rated.items).toMatchObject([
    { name: 'Many runs', runs: 1_000, success: { rate: 0.9798, runs: 990 }, typical: { charge: '1', ms: 400 } },
    { name: 'Few runs', runs: 3, success: { rate: 1, runs: 3 }, typical: { charge: '1', ms: 10 } },
  ])
  expect(namesOf(await list('sort=runs&limit=2'))).toEqual(['Many runs', 'Few runs'])
  const view = await get(`/api/agents/${many}`)
  expect(view.json()).toMatchObject({
    latency: { p50Ms: 400, p95Ms: 800 },
    isolation: 'strong',
    retention: { days: 30 },
    readme: null,
    trialsLeft: null,
  })
})

test.each(CATALOGUE_SORTS)('every agent is met once on the pages sorted by %s, one at a time', async (sort) => {
  const seen: unknown[] = []
  let cursor: string | null = null
  do {
    const page: List = await list(
      `q=csv+OR+writer&sort=${sort}&limit=1&fields=id,name${cursor === null ? '' : `&cursor=${cursor}`}`,
      creator.apiKey,
    )
    seen.push(...namesOf(page))
    cursor = page.nextCursor
  } while (cursor !== null)
  const whole = await list(`q=csv+OR+writer&sort=${sort}&limit=100`, creator.apiKey)
  expect(seen).toEqual(namesOf(whole))
  expect(seen.length).toBeGreaterThan(1)
  expect(new Set(seen).size).toBe(seen.length)
})

test('a creator sees their own agents beside the public ones, and a cursor of another order is refused', async () => {
  const own = namesOf(await list('limit=100', creator.apiKey))
  expect(own).toContain('Unlisted helper')
  expect(own).toContain('Resting helper')
  expect(namesOf(await list('limit=100'))).not.toContain('Unlisted helper')
  const { nextCursor } = await list('sort=new&limit=1')
  expect((await get(`/api/agents?sort=runs&limit=1&cursor=${nextCursor ?? ''}`)).json()).toMatchObject({
    code: 'LIST_CURSOR_INVALID',
  })
})

test('an agent is found by the names in its address, and an unchanged list is not sent twice', async () => {
  const { items } = await list('q=invoice')
  const { owner, slug, id } = items[0] ?? {}
  expect((await get(`/api/agents/by-name/${String(owner)}/${String(slug)}`)).json()).toMatchObject({ id })
  expect((await get(`/api/agents/by-name/${String(owner)}/none`)).json()).toMatchObject({ code: 'AGENT_NOT_FOUND' })
  const first = await get('/api/agents?q=invoice')
  const again = await get('/api/agents?q=invoice', undefined, { 'if-none-match': String(first.headers.etag) })
  expect(again.statusCode).toBe(304)
})

test('a creator has a public page with what everyone may see, and an account without agents has none', async () => {
  const { items } = await list('q=invoice')
  const owner = String(items[0]?.['owner'])
  const page = (await get(`/api/creators/${owner}?limit=100`)).json<List>()
  expect(page).toMatchObject({ name: 'Catalogue Creator', slug: owner })
  expect(namesOf(page)).not.toContain('Unlisted helper')
  expect(namesOf(page)).toContain('CSV profiler')
  await aCaller(db, 0n, 'Quiet Person')
  expect((await get('/api/creators/quiet-person')).json()).toMatchObject({ code: 'CREATOR_NOT_FOUND' })
})

const FILL = statement(
  'test.fill_agents',
  `insert into "Agent" (id, name, description, "fileUrl", status, "createdBy", "accountId", slug, visibility, category,
     runs, rating, "maxMicro", "createdAt")
   select 'filler-' || n, 'Filler ' || n, case when n % 500 = 0 then 'rarity' else 'common words' end, '', 'active', $2, $3,
     'filler-' || n, 'public', 'other', n % 1000, random(), n % 20 * 100000, now() - n * interval '1 minute'
   from generate_series($1::int + 1, $1::int + 4000) n`,
)

test('of 20 000 agents a page reads a few hundred rows, in every order', { timeout: 90_000 }, async () => {
  for (let from = 0; from < 20_000; from += 4_000) await db.execute(FILL, [from, creator.userId, creator.accountId])
  await db.pool.query('analyze "Agent"')
  const page = { limit: 20, take: 21, after: null, fields: null }
  for (const query of QUERIES)
    await db.transaction(async (tx) => {
      expect(await listAgents({ db: tx }, null, page, query), JSON.stringify(query)).not.toHaveLength(0)
      const [row] = await tx.query(READ)
      expect(Number(row?.read), JSON.stringify(query)).toBeLessThan(400)
    })
})

const QUERIES: readonly CatalogueQuery[] = [
  { sort: 'new' },
  { sort: 'runs' },
  { sort: 'cheapest' },
  { sort: 'rating' },
  { q: 'rarity' },
  { category: 'fun', sort: 'runs' },
]

/** Rows of the table that this transaction has read. */
const READ = statement<{ read: bigint }>(
  'test.agents_read',
  `select seq_tup_read + coalesce(idx_tup_fetch, 0) as read from pg_stat_xact_user_tables where relname = 'Agent'`,
)
