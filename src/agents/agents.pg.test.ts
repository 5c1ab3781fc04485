import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { aDatabase } from '../../test/support/database.ts'
import { eventually } from '../../test/support/eventually.ts'
import { publishAgent } from '../../test/support/publish-agent.ts'
import { systemClock } from '../platform/clock.ts'
import { statement, type Database } from '../platform/database.ts'
import { createLogger } from '../platform/logger.ts'
import { createUser, permissionsOf, type Principal } from '../users/index.ts'
import { createAgentCache, MAX_STANDING_AGE_MS } from './agent-cache.ts'
import { deactivateAgent, activateAgent, getAgent, getRunnableAgent, listAgents, quoteAgent } from './index.ts'
import type { AgentCursor } from './list-agents.ts'

let db: Database
let dataDir: string
let creator: Principal
let stranger: Principal
const log = createLogger('silent')

beforeAll(async () => {
  ;({ db } = await aDatabase())
  dataDir = await mkdtemp(join(tmpdir(), 'bureau-agents-'))
  creator = await aPerson('creator')
  stranger = await aPerson('stranger')
})

async function aPerson(name: string): Promise<Principal> {
  const { userId, accountId } = await createUser({ db }, 'system:test', { email: `${name}@example.com`, name })
  return {
    kind: 'user',
    id: `user:${userId}`,
    accountId,
    userId,
    permissions: permissionsOf('owner', false),
    agentIds: null,
    isAdmin: false,
  }
}

const anAgent = (name: string): Promise<string> =>
  publishAgent(
    { db, dataDir },
    { accountId: creator.accountId, userId: creator.userId ?? '' },
    { name, source: 'export default async (i) => i', runMicro: 1_000_000n },
  )

const aCache = () => createAgentCache({ db, redis: null, clock: systemClock, log })
const aPage = (limit: number, after: AgentCursor | null = null) => ({ limit, take: limit + 1, after, fields: null })
const SET_PRIVATE = statement('test.set_private', `update "Agent" set visibility = 'private' where id = $1`)

test('an agent that was looked up before is found again without a word to the database', async () => {
  const agentId = await anAgent('Cached')
  let queries = 0
  const counting: Database = { ...db, query: (named, params) => ((queries += 1), db.query(named, params)) }
  const cache = createAgentCache({ db: counting, redis: null, clock: { nowMs: Date.now, monotonicMs: () => 0 }, log })
  const agents = { cache, creatorShare: 8_000 }
  const first = await Promise.all(Array.from({ length: 20 }, () => getRunnableAgent(agents, stranger, agentId)))
  expect(first[0]).toMatchObject({ version: 1, creatorShare: 8_000, manifest: { price: { runMicro: 1_000_000n } } })
  expect(queries).toBe(2)
  await getRunnableAgent(agents, stranger, agentId)
  expect(queries).toBe(2)
})

test('an agent that is taken out in one process is refused within a second in every other', async () => {
  const agentId = await anAgent('Revoked')
  const [here, there] = [aCache(), aCache()]
  const elsewhere = { cache: there, creatorShare: 8_000 }
  await getRunnableAgent(elsewhere, stranger, agentId)
  await deactivateAgent({ db, cache: here }, creator, agentId)
  const from = performance.now()
  await expect(getRunnableAgent({ cache: here, creatorShare: 0 }, stranger, agentId)).rejects.toMatchObject({
    code: 'AGENT_INACTIVE',
  })
  await eventually(
    () => expect(getRunnableAgent(elsewhere, stranger, agentId)).rejects.toMatchObject({ code: 'AGENT_INACTIVE' }),
    { withinMs: 3_000 },
  )
  expect(performance.now() - from).toBeLessThan(MAX_STANDING_AGE_MS + 600)
  await activateAgent({ db, cache: here }, creator, agentId)
  await expect(getRunnableAgent({ cache: here, creatorShare: 0 }, stranger, agentId)).resolves.toMatchObject({
    status: 'active',
  })
})

test('an answer that was on its way when the agent changed is not kept', async () => {
  const agentId = await anAgent('Overtaken')
  let release = (): void => {}
  const held = new Promise<void>((resolve) => (release = resolve))
  let isHeld = true
  let wasRead = (): void => {}
  const read = new Promise<void>((resolve) => (wasRead = resolve))
  const slow: Database = {
    ...db,
    async query(named, params) {
      const rows = await db.query(named, params)
      wasRead()
      if (isHeld) await held
      return rows
    },
  }
  const cache = createAgentCache({ db: slow, redis: null, clock: { nowMs: Date.now, monotonicMs: () => 0 }, log })
  const asked = cache.findStanding(agentId)
  // The look is over in the database before the change begins, and its answer is held until after it.
  await read
  await deactivateAgent({ db, cache }, creator, agentId)
  isHeld = false
  release()
  await asked
  expect(await cache.findStanding(agentId)).toMatchObject({ status: 'inactive' })
})

test('a known standing is not used beyond its age when the database is away', async () => {
  const agentId = await anAgent('Cut off')
  let nowMs = 0
  let isAway = false
  const flaky: Database = {
    ...db,
    query: (named, params) => (isAway ? Promise.reject(new Error('away')) : db.query(named, params)),
  }
  const cache = createAgentCache({ db: flaky, redis: null, clock: { nowMs: Date.now, monotonicMs: () => nowMs }, log })
  const agents = { cache, creatorShare: 8_000 }
  await getRunnableAgent(agents, stranger, agentId)
  isAway = true
  nowMs = MAX_STANDING_AGE_MS - 1
  await expect(getRunnableAgent(agents, stranger, agentId)).resolves.toMatchObject({ agentId })
  nowMs = MAX_STANDING_AGE_MS + 1
  await expect(getRunnableAgent(agents, stranger, agentId)).rejects.toThrow('away')
})

test('a private agent does not exist for others, nor does a version that was never made', async () => {
  const agentId = await anAgent('Private')
  await db.execute(SET_PRIVATE, [agentId])
  const agents = { cache: aCache(), creatorShare: 8_000 }
  await expect(getRunnableAgent(agents, stranger, agentId)).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' })
  await expect(getAgent({ db }, stranger, agentId)).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' })
  await expect(getAgent({ db }, null, agentId)).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' })
  await expect(getRunnableAgent(agents, creator, agentId)).resolves.toMatchObject({ agentId })
  await expect(getRunnableAgent(agents, creator, agentId, { version: 9 })).rejects.toMatchObject({
    code: 'VERSION_NOT_FOUND',
  })
  await expect(deactivateAgent({ db, cache: aCache() }, stranger, agentId)).rejects.toMatchObject({
    code: 'AGENT_NOT_FOUND',
  })
})

test('a stranger cannot take a public agent out', async () => {
  const agentId = await anAgent('Public')
  await expect(deactivateAgent({ db, cache: aCache() }, stranger, agentId)).rejects.toMatchObject({ code: 'FORBIDDEN' })
})

test('the list pages through every agent once, shows own private ones, and finds by the beginning of a word', async () => {
  const { accountId } = await aPerson('lister')
  const mine = { ...stranger, accountId }
  const first = await listAgents({ db }, null, aPage(2))
  const seen = new Set<string>()
  let after: AgentCursor | null = null
  for (;;) {
    const rows = await listAgents({ db }, mine, aPage(2, after))
    for (const row of rows.slice(0, 2)) {
      expect(seen.has(row.id)).toBe(false)
      seen.add(row.id)
    }
    const last = rows[1]
    if (rows.length <= 2 || last === undefined) break
    after = ['new', last.createdAt.toISOString(), last.id]
  }
  expect(first.length).toBe(3)
  const own = await listAgents({ db }, creator, aPage(100))
  expect(own.map((row) => row.name)).toContain('Private')
  expect((await listAgents({ db }, null, aPage(100))).map((row) => row.name)).not.toContain('Private')
  expect((await listAgents({ db }, null, aPage(100), { q: 'cach' })).map((row) => row.name)).toEqual(['Cached'])
  expect(await listAgents({ db }, null, aPage(100), { q: '%' })).toEqual([])
})

test('a quote says what would be held, and whether the account has it', async () => {
  const agentId = await anAgent('Quoted')
  const deps = { db, agents: { cache: aCache(), creatorShare: 8_000 } }
  expect(await quoteAgent(deps, stranger, agentId, null)).toEqual({
    run: '1',
    hold: '1',
    max: '1',
    available: '0',
    isEnough: false,
  })
})
