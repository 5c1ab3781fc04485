import { beforeAll, expect, test } from 'vitest'
import { statement } from '../../src/platform/database.ts'
import { aCaller, type Caller } from '../support/callers.ts'
import { eventually } from '../support/eventually.ts'
import { publishAgent } from '../support/publish-agent.ts'
import { aRunSite, send, type Answer, type RunSite } from '../support/run-site.ts'

const CREDIT = 1_000_000n
const ASYNC = { prefer: 'respond-async' }
/** Charges one event, tells so, and then takes as long as it was asked to. */
const SLOW = `export default async ({ ms = 0, charge = false }, ctx) => {
  if (charge) ctx.charge('step', 2)
  await new Promise((done) => { setTimeout(done, ms); ctx.signal.addEventListener('abort', done) })
  return { ms }
}`
const STANDING = statement<{ open: bigint; held: bigint; posted: bigint }>(
  'test.standing',
  `select (select count(*) from runs where account_id = $1 and finished_at is null) as open,
     (select sum(held) from ledger_accounts where account_id = $1)::bigint as held,
     (select sum(posted) from ledger_accounts where account_id = $1)::bigint as posted`,
)

let site: RunSite
let agentId: string
beforeAll(async () => {
  site = await aRunSite({ BUREAU_RUNS_PER_ACCOUNT: '2', BUREAU_SANDBOX_MAX_RUNNING: '4' })
  agentId = await publishAgent({ db: site.database.db, dataDir: site.dataDir }, site.creator, {
    name: 'Slow',
    source: SLOW,
    runMicro: CREDIT,
    events: { step: CREDIT / 4n },
    maxMicro: 2n * CREDIT,
    timeoutMs: 20_000,
  })
}, 120_000)

const post = (caller: Caller, path: string, body: unknown = {}, headers = {}): Promise<Answer> =>
  send(new URL(path, site.server.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${caller.apiKey}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
const standing = async (caller: Caller) => (await site.database.db.query(STANDING, [caller.accountId]))[0]
const idOf = (answer: Answer | undefined): string => String(answer?.body['runId'])
const ended = (caller: Caller, runId: string, status: string): Promise<void> =>
  eventually(async () => expect((await site.get(caller, `api/runs/${runId}`)).body).toMatchObject({ status }), {
    withinMs: 15_000,
  })

test('a run that is answered at once is executed, told where to ask for, and charged like any other', async () => {
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const answer = await site.run(caller, agentId, { ms: 50 }, ASYNC)
  expect(answer.status).toBe(202)
  expect(answer.headers.get('preference-applied')).toBe('respond-async')
  expect(answer.body).toMatchObject({ status: 'queued', waiting: { reason: 'capacity', place: 1 } })
  expect(answer.headers.get('location')).toBe(`/api/runs/${idOf(answer)}`)
  await ended(caller, idOf(answer), 'succeeded')
  const { body } = await site.get(caller, `api/runs/${idOf(answer)}`)
  expect(body).toMatchObject({ output: { ms: 50 }, charge: '1', waiting: null, cancelable: false })
  expect(await standing(caller)).toEqual({ open: 0n, held: 0n, posted: 9n * CREDIT })
})

test('who prefers to wait gets the result in time, or the address to ask', async () => {
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const quick = await site.run(caller, agentId, { ms: 5 }, { prefer: 'wait=10' })
  expect([quick.status, quick.body['output']]).toEqual([200, { ms: 5 }])
  const slow = await site.run(caller, agentId, { ms: 3_000 }, { prefer: 'wait=1' })
  expect([slow.status, slow.body['status']]).toEqual([202, 'running'])
  await ended(caller, idOf(slow), 'succeeded')
})

test('a key answers again: with the address while its run goes on, with the result afterwards', async () => {
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const headers = { ...ASYNC, 'idempotency-key': 'once' }
  const first = await site.run(caller, agentId, { ms: 800 }, headers)
  const again = await site.run(caller, agentId, { ms: 800 }, headers)
  expect([again.status, again.body['runId']]).toEqual([202, first.body['runId']])
  expect((await site.run(caller, agentId, { ms: 801 }, headers)).body['code']).toBe('IDEMPOTENCY_KEY_REUSED')
  await ended(caller, idOf(first), 'succeeded')
  const late = await site.run(caller, agentId, { ms: 800 }, headers)
  expect([late.status, late.body['runId'], late.headers.get('idempotent-replayed')]).toEqual([
    200,
    first.body['runId'],
    'true',
  ])
  expect(await standing(caller)).toEqual({ open: 0n, held: 0n, posted: 9n * CREDIT })
})

test('beyond its limit an account waits behind itself and is told so, and nobody else waits for it', async () => {
  const greedy = await aCaller(site.database.db, 100n * CREDIT)
  const modest = await aCaller(site.database.db, 10n * CREDIT)
  const answers = await Promise.all(Array.from({ length: 8 }, () => site.run(greedy, agentId, { ms: 1_500 }, ASYNC)))
  expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([202]))
  const waits = async () =>
    (await Promise.all(answers.map((answer) => site.get(greedy, `api/runs/${idOf(answer)}`)))).map(
      ({ body }) => body['waiting'],
    )
  await eventually(async () => expect((await waits()).filter((w) => w === null)).toHaveLength(2), { withinMs: 5_000 })
  await eventually(
    async () =>
      expect((await waits()).filter((w) => w !== null)).toContainEqual(
        expect.objectContaining({ reason: 'caller_limit', place: 6 }),
      ),
    { withinMs: 1_000 },
  )
  const other = await site.run(modest, agentId, { ms: 1 }, { prefer: 'wait=5' })
  expect(other.status).toBe(200)
  expect((await standing(greedy))?.open).toBeGreaterThan(3n)
  await eventually(async () => expect(await standing(greedy)).toMatchObject({ open: 0n, posted: 92n * CREDIT }), {
    withinMs: 20_000,
  })
}, 40_000)

test('canceled before it delivered anything a run costs nothing, afterwards its price and what it charged', async () => {
  const caller = await aCaller(site.database.db, 20n * CREDIT)
  const early = await site.run(caller, agentId, { ms: 10_000 }, ASYNC)
  await ended(caller, idOf(early), 'running')
  const canceled = await post(caller, `api/runs/${idOf(early)}/cancel`)
  expect([canceled.status, canceled.body['status'], canceled.body['charge']]).toEqual([200, 'canceled', '0'])
  const late = await site.run(caller, agentId, { ms: 10_000, charge: true }, ASYNC)
  await ended(caller, idOf(late), 'running')
  // The harness gathers charges for 25 ms, and the agent has to begin: a log line says that it has.
  await eventually(
    async () =>
      expect((await site.get(caller, `api/runs/${idOf(late)}`)).body).toMatchObject({
        code: null,
        status: 'running',
      }),
    { withinMs: 1_000 },
  )

  const charged = await post(caller, `api/runs/${idOf(late)}/cancel`)
  expect([charged.body['status'], charged.body['charge']]).toEqual(['canceled', '1.5'])
  expect(await standing(caller)).toEqual({ open: 0n, held: 0n, posted: 20n * CREDIT - (3n * CREDIT) / 2n })
})

test('a queued run is canceled where it stands; a second cancel, one of a finished run and one of a stranger are refused', async () => {
  const caller = await aCaller(site.database.db, 20n * CREDIT)
  const stranger = await aCaller(site.database.db, CREDIT)
  const runs = await Promise.all(Array.from({ length: 4 }, () => site.run(caller, agentId, { ms: 1_500 }, ASYNC)))
  const states = await Promise.all(runs.map((run) => site.get(caller, `api/runs/${idOf(run)}`)))
  const queued = idOf(states.find(({ body }) => body['status'] === 'queued'))
  expect((await post(stranger, `api/runs/${queued}/cancel`)).body['code']).toBe('RUN_NOT_FOUND')
  const both = await Promise.all([post(caller, `api/runs/${queued}/cancel`), post(caller, `api/runs/${queued}/cancel`)])
  expect(both.map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 409])
  const third = await post(caller, `api/runs/${queued}/cancel`)
  expect([third.status, third.body['code']]).toEqual([409, 'RUN_ALREADY_ENDED'])
  await eventually(async () => expect(await standing(caller)).toMatchObject({ open: 0n, posted: 17n * CREDIT }), {
    withinMs: 15_000,
  })
})

test('a run is run again with its input, as a run of its own', async () => {
  const caller = await aCaller(site.database.db, 20n * CREDIT)
  const first = await site.run(caller, agentId, { ms: 7 })
  for (const version of ['same', 'current']) {
    const again = await post(caller, `api/runs/${idOf(first)}/again`, { version })
    expect([again.status, again.body['output']]).toEqual([200, { ms: 7 }])
    expect(again.body['runId']).not.toBe(first.body['runId'])
  }
  const later = await post(caller, `api/runs/${idOf(first)}/again`, {}, ASYNC)
  expect(later.status).toBe(202)
})

test('a canceled run of another process is stopped by the process that executes it', async () => {
  const second = await site.startAnother()
  const caller = await aCaller(site.database.db, 20n * CREDIT)
  const runs = await Promise.all(Array.from({ length: 2 }, () => site.run(caller, agentId, { ms: 15_000 }, ASYNC)))
  for (const run of runs) await ended(caller, idOf(run), 'running')
  const answers = await Promise.all(
    runs.map((run) =>
      send(new URL(`api/runs/${idOf(run)}/cancel`, second.url), {
        method: 'POST',
        headers: { authorization: `Bearer ${caller.apiKey}` },
      }),
    ),
  )
  expect(answers.map((answer) => answer.body['status'])).toEqual(['canceled', 'canceled'])
}, 60_000)
