import { beforeAll, expect, test } from 'vitest'
import { getBalance, verifyLedger } from '../../src/credits/index.ts'
import { statement } from '../../src/platform/database.ts'
import { createApiKey } from '../../src/users/index.ts'
import { setAgentTrial } from '../../src/agents/index.ts'
import { systemPrincipal } from '../../src/users/index.ts'
import { aCaller } from '../support/callers.ts'
import { aGuest } from '../support/guest.ts'
import { publishAgent } from '../support/publish-agent.ts'
import { aRunSite, send, type RunSite } from '../support/run-site.ts'

const CREDIT = 1_000_000n
const SECRET = 'a secret of this test that is long enough'
let site: RunSite
let remembers: string
let plain: string

const guest = (address: string) => aGuest(site, SECRET, address)
const offer = (agentId: string, isTrial: boolean) =>
  setAgentTrial(
    { db: site.database.db, cache: { forget() {} } },
    systemPrincipal('operator', 'platform'),
    agentId,
    isTrial,
  )

beforeAll(async () => {
  site = await aRunSite({
    NEXTAUTH_SECRET: SECRET,
    BUREAU_TRUSTED_PROXIES: '127.0.0.1/32',
    BUREAU_TRIALS_PER_DAY: '2',
    BUREAU_TRIALS_BUDGET_PER_DAY: '100',
  })
  const deps = { db: site.database.db, dataDir: site.dataDir }
  remembers = await publishAgent(deps, site.creator, {
    name: 'Remembers',
    runMicro: CREDIT,
    source: `let seen = []
      export default async ({ word }, ctx) => { seen.push(word); ctx.log.info('read'); return { seen } }`,
  })
  plain = await publishAgent(deps, site.creator, { name: 'Plain', source: 'export default async () => 1' })
  await offer(remembers, true)
})

const EARNED = statement<{ credit_kind: string; amount_micro: bigint }>(
  'test.earned',
  `select credit_kind, amount_micro from transfers where account_id = 'trials' and operation_id = $1 and credit_kind <> 'fees' and type = 'capture'`,
)

test('a guest runs a trial agent; the site pays, the creator earns what is paid out, and the books sum to zero', async () => {
  const ada = guest('198.51.100.1')
  expect((await ada.get(`api/agents/${remembers}`)).body).toMatchObject({ isTrial: true, trialsLeft: 2 })
  const answer = await ada.run(remembers, { word: 'one' })
  expect(answer.body).toMatchObject({ status: 'succeeded', output: { seen: ['one'] }, charge: '1' })
  const [earned] = await site.database.db.query(EARNED, [answer.body['runId']])
  expect(earned).toEqual({ credit_kind: 'earned', amount_micro: 800_000n })
  expect(await getBalance(site.database, 'trials')).toMatchObject({ availableMicro: 99n * CREDIT, heldMicro: 0n })
  expect(await verifyLedger(site.database)).toMatchObject({ isSound: true, entriesMicro: 0n, balancesMicro: 0n })
  expect((await ada.get(`api/agents/${remembers}`)).body).toMatchObject({ trialsLeft: 1 })
})

test('no two runs of guests share a process, not even of one guest', async () => {
  const ben = guest('198.51.100.2')
  await ben.run(remembers, { word: 'first' })
  expect((await ben.run(remembers, { word: 'second' })).body).toMatchObject({ output: { seen: ['second'] } })
  expect((await guest('198.51.100.3').run(remembers, { word: 'third' })).body).toMatchObject({
    output: { seen: ['third'] },
  })
})

test('used up, a guest is told when it begins anew and to register; the next network is not concerned', async () => {
  const [cy, dan] = [guest('198.51.100.4'), guest('198.51.100.4')]
  await cy.run(remembers, { word: 'a' })
  await dan.run(remembers, { word: 'b' })
  const refused = await cy.run(remembers, { word: 'c' })
  expect(refused.status).toBe(429)
  expect(refused.body).toMatchObject({ code: 'TRIALS_USED_UP', whose: 'yours', limit: 2 })
  expect(String(refused.body['fix'])).toContain('Register to go on')
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect((await cy.get(`api/agents/${remembers}`)).body).toMatchObject({ trialsLeft: 0 })
  expect((await guest('198.51.100.5').run(remembers, { word: 'd' })).status).toBe(200)
})

test('a key of a guest answers again, also sent twice at once before the first cookie came, and counts once', async () => {
  const eve = guest('198.51.100.6')
  const headers = { 'idempotency-key': 'same' }
  const both = await Promise.all([1, 2].map(() => eve.run(remembers, { word: 'x' }, headers)))
  const later = await eve.run(remembers, { word: 'x' }, headers)
  expect(new Set([...both, later].map(({ body }) => body['runId'])).size).toBe(1)
  expect(later.headers.get('idempotent-replayed')).toBe('true')
  expect((await eve.run(remembers, { word: 'y' }, headers)).body).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
  // Another guest of the same network has keys of their own.
  const other = await guest('198.51.100.6').run(remembers, { word: 'x' }, headers)
  expect(other.status).toBe(200)
  expect(other.body['runId']).not.toBe(later.body['runId'])
  // None is left now, and the stored answer still comes.
  expect((await eve.run(remembers, { word: 'x' }, headers)).body['runId']).toBe(later.body['runId'])
})

test('a guest reads, streams and deletes their run by their cookie; nobody else does, not even from the same network', async () => {
  const fay = guest('198.51.100.7')
  const { body } = await fay.run(remembers, { word: 'mine' }, { prefer: 'respond-async' })
  const path = `api/runs/${String(body['runId'])}`
  expect((await fay.get(`${path}/events`)).text).toContain('event: run.settled')
  expect((await fay.get(path)).body).toMatchObject({ input: { word: 'mine' }, output: { seen: ['mine'] } })
  const gus = guest('198.51.100.7')
  await gus.run(remembers, { word: 'his' })
  const caller = await aCaller(site.database.db, 0n)
  for (const door of ['', '/events', '/logs', '/artifacts.zip', '/artifacts/x']) {
    expect((await gus.get(path + door)).body).toMatchObject({ code: 'RUN_NOT_FOUND' })
    expect((await guest('198.51.100.7').get(path + door)).status).toBe(401)
    expect((await site.get(caller, path + door)).body).toMatchObject({ code: 'RUN_NOT_FOUND' })
  }
  for (const [method, door] of [
    ['POST', '/cancel'],
    ['POST', '/again'],
    ['DELETE', '/content'],
  ] as const)
    expect((await gus.ask(method, path + door, method === 'POST' ? {} : undefined)).body).toMatchObject({
      code: 'RUN_NOT_FOUND',
    })
  const forged = guest('198.51.100.7')
  forged.cookies.set(
    'bureau-visitor',
    (fay.cookies.get('bureau-visitor') ?? '').replace(/^./, (c) => (c === 'A' ? 'B' : 'A')),
  )
  expect((await forged.get(path)).status).toBe(401)
  expect((await fay.ask('DELETE', `${path}/content`)).status).toBe(204)
  expect((await fay.get(path)).body).toMatchObject({ input: null, output: null })
})

test("a guest's cookie opens nothing else, and is of no use to another site's page", async () => {
  const hal = guest('198.51.100.8')
  const first = await hal.run(remembers, { word: 'x' })
  expect(first.headers.getSetCookie().join()).toMatch(/bureau-visitor=.*HttpOnly; SameSite=Lax/)
  for (const path of ['api/runs', 'api/home', 'api/me', 'api/credits', 'api/keys', 'api/uploads', 'api/secrets'])
    expect([path, (await hal.get(path)).status]).toEqual([path, 401])
  expect((await hal.run(remembers, { word: 'x' }, { 'sec-fetch-site': 'cross-site' })).body).toMatchObject({
    code: 'CSRF_REFUSED',
  })
  expect((await hal.run(remembers, { word: 'x' }, { 'x-csrf-token': 'guessed' })).body).toMatchObject({
    code: 'CSRF_REFUSED',
  })
  // Without a page of ours nobody is made a guest.
  const bare = await send(new URL(`api/agents/${remembers}/run`, site.server.url), { method: 'POST' })
  expect(bare.body).toMatchObject({ code: 'UNAUTHENTICATED' })
})

test('guests run no other agents, send no files, and have the site load nothing', async () => {
  const ida = guest('198.51.100.9')
  expect((await ida.run(plain, {})).body).toMatchObject({ code: 'UNAUTHENTICATED' })
  expect((await ida.get(`api/agents/${plain}`)).body).toMatchObject({ isTrial: false, trialsLeft: null })
  const form = new FormData()
  form.append('csv', new Blob(['a']), 'a.csv')
  for (const body of [form, { csv: { $url: 'https://example.com/' } }, { csv: { $upload: 'x' } }])
    expect((await ida.run(remembers, body)).body).toMatchObject({ code: 'TRIAL_WITHOUT_FILES' })
  expect((await ida.run(remembers, { word: 'a text that says "$url": "https://example.com"' })).status).toBe(200)
})

const AUDIT = statement<{ actor: string; details: unknown }>(
  'test.trial_audit',
  `select actor, details from "AuditEvent" where subject = $1 and action = 'agent.trial_changed' order by id`,
)

test('an admin marks an agent over the API, which is heeded within a second and stands in the audit; others may not', async () => {
  const { db } = site.database
  const admin = await aCaller(db, 0n, 'Admin')
  await db.pool.query(`update "User" set roles = '{user,admin}' where id = $1`, [admin.userId])
  const { key } = await createApiKey(
    { db },
    { ...admin.principal, isAdmin: true, permissions: new Set([...admin.principal.permissions, 'admin' as const]) },
    { name: 'admin', scopes: ['admin'], agentIds: [], expiresAt: null, monthlyCapMicro: null },
  )
  const mark = (apiKey: string, isTrial: boolean) =>
    send(new URL(`api/agents/${plain}/trial`, site.server.url), {
      method: 'PUT',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ isTrial }),
    })
  expect((await mark(site.creator.apiKey, true)).body).toMatchObject({ code: 'FORBIDDEN' })
  expect((await mark(key, true)).status).toBe(204)
  expect((await mark(key, true)).status).toBe(204)
  expect((await guest('198.51.100.10').run(plain, {})).body).toMatchObject({ output: 1, charge: '0' })
  expect((await mark(key, false)).status).toBe(204)
  expect((await guest('198.51.100.11').run(plain, {})).status).toBe(401)
  const events = await db.query(AUDIT, [`agent:${plain}`])
  expect(events.map(({ details }) => details)).toEqual([{ isTrial: true }, { isTrial: false }])
})
