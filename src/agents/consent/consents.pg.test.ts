import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { aCaller, type Caller } from '../../../test/support/callers.ts'
import { aDatabase } from '../../../test/support/database.ts'
import { publishAgent, type TestAgent } from '../../../test/support/publish-agent.ts'
import { systemClock } from '../../platform/clock.ts'
import { statement, type Database } from '../../platform/database.ts'
import { createLogger } from '../../platform/logger.ts'
import { createAgentCache } from '../agent-cache.ts'
import { getAgent, giveConsentTo, presentAgentTo } from '../get-agent.ts'
import { getRunnableAgent, type RunnableAgent } from '../get-runnable-agent.ts'
import { createConsents } from './consents.ts'

let db: Database
let dataDir: string
let creator: Caller
const log = createLogger('silent')
const SET_MANIFEST = statement(
  'test.set_manifest',
  `update "AgentVersion" set manifest = manifest || $2::jsonb where "agentId" = $1`,
)
const COUNT_AUDIT = statement<{ n: number }>(
  'test.count_consents',
  `select count(*)::int as n from "AuditEvent" where action = 'consent.given' and subject = 'agent:' || $1`,
)

beforeAll(async () => {
  ;({ db } = await aDatabase())
  dataDir = await mkdtemp(join(tmpdir(), 'bureau-consent-'))
  creator = await aCaller(db, 0n, 'Creator')
})

const anAgent = (facts: Partial<TestAgent> = {}): Promise<string> =>
  publishAgent({ db, dataDir }, creator, { name: 'Asking', source: 'export default async (i) => i', ...facts })

/** As the run path would find it now, however it was published before. */
const runnable = (caller: Caller, agentId: string): Promise<RunnableAgent> =>
  getRunnableAgent(
    { cache: createAgentCache({ db, redis: null, clock: systemClock, log }), creatorShare: 8_000 },
    caller.principal,
    agentId,
  )

/** The agent publishes anew, asking for more or less than before. */
const asks = (agentId: string, change: Readonly<Record<string, unknown>>): Promise<number> =>
  db.execute(SET_MANIFEST, [agentId, JSON.stringify(change)])

const SITE = { isolation: 'strong', retention: { days: 30 }, trialsLeft: null } as const

const shown = async (caller: Caller, agentId: string) =>
  presentAgentTo({ db }, caller.principal, await getAgent({ db }, caller.principal, agentId), SITE)

test('by API the first run agrees; the agent is asked about again only when it wants more', async () => {
  const caller = await aCaller(db, 0n)
  const agentId = await anAgent({ egress: ['*.example.com'], maxMicro: 2_000_000n })
  const run = async (hash: string | null = null) =>
    createConsents({ db }).require(caller.principal, await runnable(caller, agentId), hash)
  await run()
  await asks(agentId, { egress: ['api.example.com'] })
  await run()
  await asks(agentId, { egress: ['api.example.com', 'evil.test'] })
  await expect(run()).rejects.toMatchObject({
    code: 'CONSENT_REQUIRED',
    details: { widened: { hosts: ['evil.test'], secrets: [], run: null, max: null } },
  })
  const { manifestHash } = await runnable(caller, agentId)
  await expect(run('0'.repeat(64))).rejects.toMatchObject({ code: 'CONSENT_REQUIRED', details: { manifestHash } })
  await run(manifestHash)
  await run()
  await asks(agentId, { egress: ['api.example.com'] })
  await run()
})

test.each([
  ['a price that rises', { price: { runMicro: '3000000', events: {}, maxMicro: '3000000' } }, true],
  ['a price that falls', { price: { runMicro: '0', events: {}, maxMicro: '1000000' } }, false],
  [
    'a dearer event under the same maximum',
    { price: { runMicro: '1000000', events: { row: '5' }, maxMicro: '2000000' } },
    false,
  ],
  ['a secret', { secrets: [{ name: 'KEY', description: '', hosts: ['a.test'] }] }, true],
  [
    'its secret sent elsewhere too',
    { secrets: [{ name: 'TOKEN', description: '', hosts: ['a.test', 'b.test'] }] },
    true,
  ],
  ['another description of its secret', { secrets: [{ name: 'TOKEN', description: 'new', hosts: ['a.test'] }] }, false],
  ['every public host', { egress: ['*'] }, true],
  ['another name', { name: 'Renamed', description: 'Other words' }, false],
])('after %s consent is asked for: %#', async (_, change, isAsked) => {
  const caller = await aCaller(db, 0n)
  const agentId = await anAgent({
    egress: ['a.test', 'b.test'],
    secrets: [{ name: 'TOKEN', description: '', hosts: ['a.test'] }],
    runMicro: 1_000_000n,
    maxMicro: 2_000_000n,
  })
  await createConsents({ db }).require(caller.principal, await runnable(caller, agentId), null)
  await asks(agentId, change)
  const again = createConsents({ db }).require(caller.principal, await runnable(caller, agentId), null)
  if (isAsked) await expect(again).rejects.toMatchObject({ code: 'CONSENT_REQUIRED' })
  else await again
})

test('what was harmless and was run by API before is asked about when it turns to the network', async () => {
  const caller = await aCaller(db, 0n)
  const agentId = await anAgent()
  await createConsents({ db }).require(caller.principal, await runnable(caller, agentId), null)
  await asks(agentId, { egress: ['collect.test'] })
  await expect(
    createConsents({ db }).require(caller.principal, await runnable(caller, agentId), null),
  ).rejects.toMatchObject({ code: 'CONSENT_REQUIRED' })
})

test('the page is told whether to ask, and what is new; agreeing is recorded once, with who agreed to what', async () => {
  const caller = await aCaller(db, 0n)
  const agentId = await anAgent({ egress: ['a.test'] })
  const first = await shown(caller, agentId)
  expect(first.consent).toEqual({ isNeeded: true, widened: null })
  const agree = async (hash: string | null) =>
    giveConsentTo({ db }, caller.principal, await getAgent({ db }, caller.principal, agentId), hash ?? '')
  await expect(agree('stale')).rejects.toMatchObject({ code: 'CONSENT_REQUIRED' })
  await Promise.all([agree(first.manifestHash), agree(first.manifestHash)])
  expect((await shown(caller, agentId)).consent).toEqual({ isNeeded: false, widened: null })
  expect(await db.query(COUNT_AUDIT, [agentId])).toEqual([{ n: 1 }])
  await asks(agentId, { egress: ['a.test', 'b.test'] })
  expect((await shown(caller, agentId)).consent).toMatchObject({ isNeeded: true, widened: { hosts: ['b.test'] } })
  const other = await aCaller(db, 0n)
  expect((await shown(other, agentId)).consent).toEqual({ isNeeded: true, widened: null })
  expect((await shown(creator, agentId)).consent).toEqual({ isNeeded: false, widened: null })
  const visitor = await presentAgentTo({ db }, null, await getAgent({ db }, null, agentId), SITE)
  expect(visitor).toMatchObject({ consent: null, egress: ['a.test', 'b.test'] })
})

test('an agent that costs nothing and reaches nothing is not asked about', async () => {
  const caller = await aCaller(db, 0n)
  expect((await shown(caller, await anAgent())).consent).toEqual({ isNeeded: false, widened: null })
})

test('consent to one agent is none to another that asks for the same', async () => {
  const caller = await aCaller(db, 0n)
  const [one, other] = [await anAgent({ egress: ['a.test'] }), await anAgent({ egress: ['a.test'] })]
  expect((await shown(caller, one)).manifestHash).not.toBe((await shown(caller, other)).manifestHash)
})
