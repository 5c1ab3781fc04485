import { beforeAll, expect, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { tellFailingAgents } from '../../analytics/tell-failing-agents.ts'
import { createLowCredits } from '../../credits/index.ts'
import { statement } from '../../platform/database.ts'
import { systemClock } from '../../platform/clock.ts'
import { newUuidV7 } from '../../platform/ids.ts'
import { createLogger } from '../../platform/logger.ts'
import { aPeopleSite, type PeopleSite, type PersonOfTest, type Signed } from '../testing/people-site.ts'
import { mailNotificationsJob } from '../users.jobs.ts'
import { notify } from './notify.ts'

let site: PeopleSite
beforeAll(async () => {
  site = await aPeopleSite()
})

type Listed = {
  unread: number
  nextCursor: string | null
  items: { id: string; kind: string; readAt: string | null; data: object }[]
}
type Somebody = PersonOfTest & { readonly token: string; readonly device: string }

async function aSignedIn(): Promise<Somebody> {
  const person = await site.aPerson()
  const { token, device }: Signed = await site.signIn(person)
  return { ...person, token, device }
}

const list = async ({ token }: { readonly token: string }, query = ''): Promise<Listed> =>
  (await site.send('GET', `/api/notifications${query}`, { as: token })).json<Listed>()
const kindsOf = async (who: Somebody): Promise<string[]> => (await list(who)).items.map(({ kind }) => kind)

/** Somebody is told that a run ended. */
const tell = ({ userId, accountId }: PersonOfTest, runId: string) =>
  notify(
    site.database.db,
    { userId, accountId },
    { kind: 'run_ended', once: runId, data: { runId, agent: 'Profiler', status: 'succeeded', charge: '2.3' } },
  )

test('what one was told of is listed newest first, page by page, and read one by one or all at once; nobody reads for another', async () => {
  const [ada, ben] = [await aSignedIn(), await aSignedIn()]
  for (const run of ['one', 'two', 'three']) await tell(ada, run)
  await tell(ada, 'three')
  const first = await list(ada, '?limit=2')
  expect(first).toMatchObject({ unread: 3, items: [{ data: { runId: 'three' } }, { data: { runId: 'two' } }] })
  const second = await list(ada, `?limit=2&cursor=${String(first.nextCursor)}`)
  expect(second).toMatchObject({ items: [{ data: { runId: 'one' } }], nextCursor: null })
  const read = (who: Somebody, body: object) => site.post('/api/notifications/read', body, { as: who.token })
  const ids = first.items.slice(0, 1).map(({ id }) => id)
  await read(ben, { ids })
  await read(ben, {})
  expect((await list(ada)).unread).toBe(3)
  await read(ada, { ids })
  expect((await list(ada)).unread).toBe(2)
  await read(ada, {})
  expect((await list(ada)).unread).toBe(0)
  expect((await list(ben)).items).toEqual([])
  expect((await site.send('GET', '/api/notifications')).statusCode).toBe(401)
})

test('a sign-in on a device that was not used before is told, not the first of all and not one on a known device', async () => {
  const ada = await aSignedIn()
  expect(await kindsOf(ada)).toEqual([])
  await site.signIn(ada, { device: ada.device })
  expect(await kindsOf(ada)).toEqual([])
  await site.signIn(ada)
  expect(await list(ada)).toMatchObject({ items: [{ kind: 'new_session', data: { address: '192.0.2.1' } }] })
  await mailNotificationsJob.enqueue({ jobs: site.jobs }, {})
  expect((await site.mailTo(ada.email, 'A new sign-in')).text).toContain('192.0.2.1')
})

test('who is invited and has an account is told of it there', async () => {
  const [owner, guest] = [await aSignedIn(), await aSignedIn()]
  const made = await site.post('/api/accounts', { name: 'Harbour' }, { as: owner.token })
  const { id } = made.json<{ id: string }>()
  await site.send('PUT', '/api/sessions/current/account', { as: owner.token, payload: { accountId: id } })
  await site.post('/api/invitations', { email: guest.email, role: 'developer' }, { as: owner.token })
  expect(await list(guest)).toMatchObject({
    items: [{ kind: 'invitation', data: { account: 'Harbour', inviter: 'Ada Lovelace', role: 'developer' } }],
  })
})

test('what is of one account is not shown while one acts for another', async () => {
  const ada = await aSignedIn()
  await tell(ada, 'mine')
  const { id } = (await site.post('/api/accounts', { name: 'Other' }, { as: ada.token })).json<{ id: string }>()
  await site.send('PUT', '/api/sessions/current/account', { as: ada.token, payload: { accountId: id } })
  expect((await list(ada)).items).toEqual([])
})

const SPEND = statement(
  'test.spend',
  `insert into runs (id, account_id, principal, agent_id, version, creator_account_id, status, hold_bought_micro,
     charge_micro, created_at, deadline_at, finished_at)
   values ($1, $2, 'user:x', 'agent', 1, 'creator', 'succeeded', $3, $3, now(), now(), now())`,
)
const HAVE = statement('test.have', `update ledger_accounts set posted = $2 where account_id = $1 and kind = 'bought'`)

test('an account that has less than the last day cost is told once a day, not one that has enough', async () => {
  const [poor, rich] = [await aSignedIn(), await aSignedIn()]
  const { db } = site.database
  const low = createLowCredits({ db, clock: systemClock, log: createLogger('silent') })
  for (const { accountId } of [poor, rich]) await db.execute(SPEND, [newUuidV7(), accountId, 5_000_000n])
  await db.execute(HAVE, [poor.accountId, 4_999_999n])
  await db.execute(HAVE, [rich.accountId, 5_000_000n])
  for (const { accountId } of [poor, poor, rich]) await low.check(accountId)
  expect(await list(rich)).toMatchObject({ items: [] })
  expect((await list(poor)).items).toMatchObject([{ kind: 'credits_low', data: { available: '4.999999', spent: '5' } }])
})

const ADD_AGENT = statement(
  'test.add_agent',
  `insert into "Agent" (id, name, description, "fileUrl", status, "createdBy", "accountId", slug)
   values ($1, $1, '', '', 'active', 'x', $2, $1)`,
)
const ADD_METRICS = statement(
  'test.add_metrics',
  `insert into "AgentMetrics" (id, "agentId", version, timestamp, runs, succeeded, failed, "timedOut", canceled, callers,
     "p50Ms", "p95Ms", "p99Ms", "chargedMicro", "creatorMicro")
   values (gen_random_uuid()::text, $1, 1, date_trunc('hour', now()), $2, $3, $4, 0, $5, 1, 1, 1, 1, 0, 0)`,
)

test('a creator is told once a day of an agent that fails half of its runs, not of one that few ran', async () => {
  const creator = await aSignedIn()
  const { db } = site.database
  for (const [agent, runs, succeeded, failed, canceled] of [
    ['failing', 30, 8, 16, 6],
    ['fine', 100, 60, 40, 0],
    ['new', 19, 0, 19, 0],
  ] as const) {
    const name = `${agent}-${creator.userId}`
    await db.execute(ADD_AGENT, [name, creator.accountId])
    await db.execute(ADD_METRICS, [name, runs, succeeded, failed, canceled])
  }
  for (let times = 0; times < 2; times += 1) await tellFailingAgents({ db }, Date.now() - 7_200_000)
  expect((await list(creator)).items).toMatchObject([{ kind: 'agent_failing', data: { failed: 16, runs: 24 } }])
})

test('a mail comes of what one wishes to have by mail, once, and not of what one has read', async () => {
  const [ada, ben] = [await aSignedIn(), await aSignedIn()]
  const wish = { kind: 'run_ended', byMail: true }
  for (const { token } of [ada, ben]) {
    const said = await site.send('PUT', '/api/notifications/settings', { as: token, payload: wish })
    expect(said.json()).toMatchObject({ mail: { run_ended: true, credits_low: true } })
  }
  await tell(ada, 'wanted')
  await tell(ben, 'seen')
  await site.post('/api/notifications/read', {}, { as: ben.token })
  for (let times = 0; times < 2; times += 1) await mailNotificationsJob.enqueue({ jobs: site.jobs }, {})
  const mail = await site.mailTo(ada.email, 'Your run of Profiler is done')
  expect(mail.text).toContain('/runs/wanted')
  await tell(ada, 'later')
  await mailNotificationsJob.enqueue({ jobs: site.jobs }, {})
  const mails = await eventually(
    async () => {
      const all = await site.people.mailer.list({ take: 1_000, after: null })
      if (!all.some(({ text }) => text.includes('/runs/later'))) throw new Error('no second mail yet')
      return all
    },
    { withinMs: 8_000 },
  )
  expect(mails.filter(({ text }) => text.includes('/runs/wanted'))).toHaveLength(1)
  expect(mails.filter(({ text }) => text.includes('/runs/seen'))).toEqual([])
})

const WANT_ROOM = statement(
  'test.want_room',
  `insert into "RealtimeRoom" (room, seq, "wantedUntil") values ($1, 7, now() + interval '1 minute')`,
)
const EVENTS = statement<{ seq: bigint; type: string; data: object }>(
  'test.events',
  `select seq, type, data from "RealtimeEvent" where room = $1`,
)

test('the pages that one has open are told at once that there is something, and not what', async () => {
  const ada = await aSignedIn()
  const room = `account:${ada.accountId}`
  await site.database.db.execute(WANT_ROOM, [room])
  await tell(ada, 'live')
  expect(await site.database.db.query(EVENTS, [room])).toEqual([{ seq: 8n, type: 'notification:created', data: {} }])
})
