import { beforeAll, describe, expect, test } from 'vitest'
import { getBalance, verifyLedger } from '../../src/credits/index.ts'
import { statement } from '../../src/platform/database.ts'
import { createApiKey, revokeApiKey } from '../../src/users/index.ts'
import { aCaller, type Caller } from '../support/callers.ts'
import { eventually } from '../support/eventually.ts'
import { publishAgent, type TestAgent } from '../support/publish-agent.ts'
import { aRunSite, send, type RunSite } from '../support/run-site.ts'

const CREDIT = 1_000_000n
let site: RunSite
let greeter: string

const publish = (agent: TestAgent) => publishAgent({ db: site.database.db, dataDir: site.dataDir }, site.creator, agent)
const aFunded = (credits: bigint) => aCaller(site.database.db, credits * CREDIT)
const balanceOf = (caller: Caller) => getBalance(site.database, caller.accountId)
const TRANSFERS = statement<{
  credit_account_id: string
  debit_kind: string
  credit_kind: string
  amount_micro: bigint
}>('test.transfers', 'select * from transfers where account_id = $1 and operation_id = $2 order by leg')
const RUNS_OF = statement<{ n: bigint }>('test.runs_of', 'select count(*) as n from runs where account_id = $1')
const runsOf = async (caller: Caller) => (await site.database.db.query(RUNS_OF, [caller.accountId]))[0]?.n
const SET_STATUS = statement('test.set_status', `update "Agent" set status = 'inactive' where id = $1`)

beforeAll(async () => {
  site = await aRunSite()
  greeter = await publish({
    name: 'Greeter',
    runMicro: CREDIT,
    events: { word: CREDIT / 10n },
    maxMicro: 3n * CREDIT,
    input: { type: 'object', properties: { name: { type: 'string', maxLength: 40 } }, required: ['name'] },
    source: `export default async ({ name }, ctx) => {
      ctx.log.info('greeting', { name })
      ctx.charge('word', 2)
      return { text: 'hello ' + name, nonce: crypto.randomUUID() }
    }`,
  })
})

describe('a run that succeeds', () => {
  test('answers output, receipt and run id; the creator has 80 %, the platform the rest, the caller what was set aside and not charged', async () => {
    const caller = await aFunded(10n)
    const answer = await site.run(caller, greeter, { name: 'Ada' })
    expect(answer.status).toBe(200)
    expect(answer.body).toMatchObject({
      status: 'succeeded',
      charge: '1.2',
      output: { text: 'hello Ada' },
      receipt: {
        held: '3',
        charged: '1.2',
        returned: '1.8',
        lines: [
          { what: 'run', credits: '1' },
          { what: 'word', count: 2, credits: '0.2' },
        ],
      },
    })
    const transfers = await site.database.db.query(TRANSFERS, [caller.accountId, answer.body['runId']])
    expect(transfers.map((t) => [t.credit_account_id, t.credit_kind, t.amount_micro])).toEqual([
      [site.creator.accountId, 'earned_granted', 960_000n],
      ['platform', 'fees', 240_000n],
    ])
    expect(await balanceOf(caller)).toMatchObject({ availableMicro: 8_800_000n, heldMicro: 0n })
    expect(await verifyLedger(site.database)).toMatchObject({ isSound: true, accounts: [], captures: [] })
  })

  test('is read back with input, output and logs by its payer, and by nobody else', async () => {
    const caller = await aFunded(10n)
    const { body } = await site.run(caller, greeter, { name: 'Bob' })
    const path = `api/runs/${String(body['runId'])}`
    expect((await site.get(caller, path)).body).toMatchObject({
      input: { name: 'Bob' },
      output: { text: 'hello Bob' },
      charge: '1.2',
    })
    expect((await site.get(caller, `${path}/logs`)).body).toMatchObject({
      items: [{ level: 'info', message: 'greeting', fields: { name: 'Bob' } }],
    })
    const stranger = await aFunded(1n)
    for (const foreign of [path, `${path}/logs`]) {
      const refused = await site.get(stranger, foreign)
      expect([refused.status, refused.body['code']]).toEqual([404, 'RUN_NOT_FOUND'])
    }
  })

  test('a key that is bound to one agent sees the runs of that agent alone', async () => {
    const caller = await aFunded(10n)
    const other = await publish({ name: 'Other', source: 'export default () => 1' })
    const seen = (await site.run(caller, greeter, { name: 'Ada' })).body['runId']
    const hidden = String((await site.run(caller, other, {})).body['runId'])
    const { key } = await createApiKey(site.database, caller.principal, {
      name: 'bound',
      scopes: ['runs.read', 'runs.create'],
      agentIds: [greeter],
      expiresAt: null,
      monthlyCapMicro: null,
    })
    const bound = { ...caller, apiKey: key }
    expect((await site.get(bound, 'api/runs?fields=runId')).body['items']).toEqual([{ runId: seen }])
    expect((await site.get(bound, `api/runs/${hidden}`)).body['code']).toBe('RUN_NOT_FOUND')
    expect((await site.get(bound, `api/runs/${hidden}/logs`)).body['code']).toBe('RUN_NOT_FOUND')
    expect((await site.run(bound, other, {})).body['code']).toBe('FORBIDDEN')
  })

  test('runs are listed newest first, page by page, with the fields asked for', async () => {
    const caller = await aFunded(10n)
    const ids = []
    for (const name of ['1', '2', '3']) ids.unshift((await site.run(caller, greeter, { name })).body['runId'])
    const first = await site.get(caller, 'api/runs?limit=2&fields=runId')
    expect(first.body['items']).toEqual([{ runId: ids[0] }, { runId: ids[1] }])
    const second = await site.get(caller, `api/runs?limit=2&fields=runId&cursor=${String(first.body['nextCursor'])}`)
    expect(second.body).toEqual({ items: [{ runId: ids[2] }], nextCursor: null })
  })

  test('a file sent with the run is read by the agent as a stream', async () => {
    const counter = await publish({
      name: 'Counter',
      input: { type: 'object', properties: { data: { type: 'string', format: 'bureau-file' } }, required: ['data'] },
      source: `export default async ({ data }) => {
        let bytes = 0, sum = 0
        for await (const chunk of data.stream()) { bytes += chunk.length; for (const b of chunk) sum = (sum + b) % 65521 }
        return { bytes, sum, name: data.name, type: data.type }
      }`,
    })
    const caller = await aFunded(1n)
    const content = Buffer.alloc(3_000_000, 'bureau')
    const form = new FormData()
    form.set('data', new Blob([content], { type: 'text/csv' }), 'a.csv')
    const answer = await site.run(caller, counter, form)
    const sum = content.reduce((total, byte) => (total + byte) % 65_521, 0)
    expect(answer.body).toMatchObject({
      status: 'succeeded',
      output: { bytes: 3_000_000, sum, name: 'a.csv', type: 'text/csv' },
    })
  })
})

describe('exactly once', () => {
  test('the same request under the same key gets the first answer, byte for byte, and pays once', async () => {
    const caller = await aFunded(10n)
    const key = { 'idempotency-key': 'order-1' }
    const first = await site.run(caller, greeter, { name: 'Ada' }, key)
    const second = await site.run(caller, greeter, { name: 'Ada' }, key)
    expect(second.text).toBe(first.text)
    expect([first, second].map(({ headers }) => headers.get('idempotent-replayed'))).toEqual([null, 'true'])
    expect(await balanceOf(caller)).toMatchObject({ availableMicro: 8_800_000n })
  })

  test('fifty at once, half of them through a second process: one execution, one charge, fifty equal answers', async () => {
    const another = await site.startAnother()
    const slow = await publish({
      name: 'Slow',
      runMicro: CREDIT,
      source: `export default async () => { await new Promise((done) => setTimeout(done, 500)); return crypto.randomUUID() }`,
    })
    const caller = await aFunded(10n)
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, n) => {
        const response = await fetch(new URL(`api/agents/${slow}/run`, n % 2 === 0 ? site.server.url : another.url), {
          method: 'POST',
          headers: {
            authorization: `Bearer ${caller.apiKey}`,
            'content-type': 'application/json',
            'idempotency-key': 'one',
          },
          body: '{}',
        })
        return `${response.status} ${await response.text()}`
      }),
    )
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toMatch(/^200 /)
    expect(await runsOf(caller)).toBe(1n)
    expect(await balanceOf(caller)).toMatchObject({ availableMicro: 9n * CREDIT, heldMicro: 0n })
  })

  test('a key used for another body, version or maximal charge is refused', async () => {
    const caller = await aFunded(10n)
    const key = { 'idempotency-key': 'k' }
    await site.run(caller, greeter, { name: 'Ada' }, key)
    const others = [
      await site.run(caller, greeter, { name: 'Bob' }, key),
      await site.run(caller, greeter, { name: 'Ada' }, { ...key, 'bureau-max-charge': '2' }),
      await site.run(caller, `${greeter}`, ' {"name":"Ada"}', key),
    ]
    expect(others.map(({ status, body }) => [status, body['code']])).toEqual(
      Array(3).fill([422, 'IDEMPOTENCY_KEY_REUSED']),
    )
  })

  test('a stored answer is sent again although the agent may not be run any more', async () => {
    const agentId = await publish({
      name: 'Short-lived',
      runMicro: CREDIT,
      source: 'export default () => crypto.randomUUID()',
    })
    const caller = await aFunded(5n)
    const first = await site.run(caller, agentId, {}, { 'idempotency-key': 'kept' })
    await site.database.db.execute(SET_STATUS, [agentId])
    await eventually(async () => expect((await site.run(caller, agentId, {})).body['code']).toBe('AGENT_INACTIVE'), {
      withinMs: 1_000,
    })
    const again = await site.run(caller, agentId, {}, { 'idempotency-key': 'kept' })
    expect([again.status, again.text, again.headers.get('idempotent-replayed')]).toEqual([200, first.text, 'true'])
    const other = await site.run(caller, agentId, { say: 'else' }, { 'idempotency-key': 'kept' })
    expect([other.status, other.body['code']]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED'])
  })

  test('a failure is stored under its key too; a refusal is not', async () => {
    const caller = await aFunded(1n)
    const broken = await publish({
      name: 'Broken',
      runMicro: CREDIT,
      source: `export default () => { throw new Error('no ' + crypto.randomUUID()) }`,
    })
    const failed = await site.run(caller, broken, {}, { 'idempotency-key': 'f' })
    const again = await site.run(caller, broken, {}, { 'idempotency-key': 'f' })
    expect([again.text, again.headers.get('idempotent-replayed')]).toEqual([failed.text, 'true'])
    const refused = await site.run(caller, greeter, { name: 'Ada' }, { 'idempotency-key': 'r' })
    expect([refused.status, refused.body['code']]).toEqual([402, 'INSUFFICIENT_CREDITS'])
    const admitted = await site.run(
      caller,
      greeter,
      { name: 'Ada' },
      { 'idempotency-key': 'r', 'bureau-max-charge': '1' },
    )
    expect(admitted.body['code']).not.toBe('IDEMPOTENCY_KEY_REUSED')
  })
})

describe('an agent that misbehaves fails its run with a code, and the caller pays nothing', () => {
  const cases: readonly (readonly [string, number, Omit<TestAgent, 'name'>])[] = [
    ['AGENT_THREW', 502, { source: `export default () => { throw new TypeError('broken') }` }],
    ['AGENT_EXITED', 502, { source: `export default () => Deno.exit(137)` }],
    ['AGENT_NEVER_SETTLED', 502, { source: `export default () => new Promise(() => {})`, timeoutMs: 3_000 }],
    ['RUN_TIMED_OUT', 504, { source: `export default () => { while (true); }`, timeoutMs: 500 }],
    [
      'RUN_OUT_OF_MEMORY',
      502,
      { source: `export default () => { const a = []; while (true) a.push(new Uint8Array(8e6).fill(1)) }` },
    ],
    ['RUN_OUTPUT_TOO_LARGE', 502, { source: `export default () => 'x'.repeat(20e6)` }],
    ['AGENT_NOT_LOADABLE', 502, { source: `export const nothing = 1` }],
    ['EGRESS_DENIED', 502, { source: `export default () => fetch('https://example.com')` }],
    [
      'AGENT_OUTPUT_INVALID',
      502,
      {
        source: `export default () => ({ n: 'seven' })`,
        output: { type: 'object', properties: { n: { type: 'number' } } },
      },
    ],
  ]
  test.each(cases)('%s', async (code, status, agent) => {
    const caller = await aFunded(5n)
    const agentId = await publish({ name: code, runMicro: CREDIT, ...agent })
    const answer = await site.run(caller, agentId, {})
    expect(answer.body).toMatchObject({ code, charge: '0' })
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json'])
    expect(await balanceOf(caller)).toMatchObject({ availableMicro: 5n * CREDIT, heldMicro: 0n })
  })
})

describe('a bad request is refused with what to do, nothing charged, nothing left behind', () => {
  test.each([
    ['unknown agent', 404, 'AGENT_NOT_FOUND', { agent: 'nobody' }],
    ['input that breaks the schema', 422, 'INPUT_INVALID', { body: { name: 7 } }],
    ['input without a required field', 422, 'INPUT_INVALID', { body: {} }],
    ['not JSON', 400, 'BODY_MALFORMED', { body: '{"name":' }],
    ['JSON nested too deep', 400, 'BODY_TOO_DEEP', { body: '['.repeat(100) + ']'.repeat(100) }],
    ['more than the account has', 402, 'INSUFFICIENT_CREDITS', { credits: 2n }],
    ['a cap below the price', 422, 'MAX_CHARGE_TOO_LOW', { headers: { 'bureau-max-charge': '0.5' } }],
    ['a cap that is no amount', 400, 'MAX_CHARGE_INVALID', { headers: { 'bureau-max-charge': 'lots' } }],
    ['a negative cap', 400, 'MAX_CHARGE_INVALID', { headers: { 'bureau-max-charge': '-1' } }],
    ['an unusable key', 400, 'IDEMPOTENCY_KEY_INVALID', { headers: { 'idempotency-key': 'x'.repeat(256) } }],
    ['an isolation nobody knows', 400, 'ISOLATION_INVALID', { headers: { 'bureau-isolation': 'none' } }],
  ] as const)(
    '%s',
    async (
      _name,
      status,
      code,
      request: { agent?: string; body?: unknown; credits?: bigint; headers?: Record<string, string> },
    ) => {
      const caller = await aFunded(request.credits ?? 10n)
      const answer = await site.run(caller, request.agent ?? greeter, request.body ?? { name: 'Ada' }, request.headers)
      expect([answer.status, answer.body['code']]).toEqual([status, code])
      expect(answer.body['fix']).not.toMatch(/\{\w+\}/)
      expect(await runsOf(caller)).toBe(0n)
      expect(await balanceOf(caller)).toMatchObject({
        heldMicro: 0n,
        availableMicro: (request.credits ?? 10n) * CREDIT,
      })
    },
  )

  test('a version that no column holds', async () => {
    const caller = await aFunded(1n)
    const url = new URL(`api/agents/${greeter}/run?version=3000000000`, site.server.url)
    const headers = { authorization: `Bearer ${caller.apiKey}`, 'content-type': 'application/json' }
    const response = await fetch(url, { method: 'POST', headers, body: '{"name":"Ada"}' })
    expect([response.status, await response.json()]).toMatchObject([400, { code: 'REQUEST_INVALID' }])
  })

  test('missing credits say how many', async () => {
    const answer = await site.run(await aFunded(2n), greeter, { name: 'Ada' })
    expect(answer.body).toMatchObject({ needed: '3', available: '2', missing: '1' })
  })

  test('a schema violation names the field and why', async () => {
    const answer = await site.run(await aFunded(10n), greeter, { name: 'x'.repeat(41) })
    expect(answer.body['fields']).toMatchObject([{ path: '/name' }])
  })

  test('an inactive agent is refused within a second', async () => {
    const agentId = await publish({ name: 'Retired', source: 'export default () => 1' })
    const caller = await aFunded(1n)
    expect((await site.run(caller, agentId, {})).status).toBe(200)
    await site.database.db.execute(SET_STATUS, [agentId])
    await eventually(async () => expect((await site.run(caller, agentId, {})).body['code']).toBe('AGENT_INACTIVE'), {
      withinMs: 1_000,
    })
  })

  test('no key, a wrong key, a revoked key', async () => {
    const caller = await aFunded(10n)
    const noKey = await fetch(new URL(`api/agents/${greeter}/run`, site.server.url), { method: 'POST', body: '{}' })
    expect(noKey.status).toBe(401)
    expect((await site.run({ ...caller, apiKey: 'bur_00000000_nonsense' }, greeter, {})).status).toBe(401)
    expect((await site.run(caller, greeter, { name: 'Ada' })).status).toBe(200)
    const [key] = await site.database.db.query(
      statement<{ id: string }>('test.key', 'select id from "ApiKey" where "accountId" = $1'),
      [caller.accountId],
    )
    await revokeApiKey(site.database, caller.principal, key?.id ?? '')
    await eventually(
      async () => expect((await site.run(caller, greeter, { name: 'Ada' })).body['code']).toBe('KEY_REVOKED'),
      { withinMs: 1_000 },
    )
  })
})

test('what is sent to two callers of one agent stays apart: each has a sandbox of its own', async () => {
  const agentId = await publish({
    name: 'Memory',
    source: `globalThis.seen ??= []; export default ({ say }) => { globalThis.seen.push(say); return globalThis.seen }`,
  })
  const [ada, bob] = [await aFunded(1n), await aFunded(1n)]
  await site.run(ada, agentId, { say: 'secret' })
  const own = await site.run(ada, agentId, { say: 'more' })
  const other = await site.run(bob, agentId, { say: 'mine' })
  const fresh = await site.run(ada, agentId, { say: 'alone' }, { 'bureau-isolation': 'run' })
  expect([own, other, fresh].map(({ body }) => body['output'])).toEqual([['secret', 'more'], ['mine'], ['alone']])
})

test('content is kept for as long as the caller wishes, and deleted when they say so; what it cost stays', async () => {
  const caller = await aFunded(10n)
  const key = { 'idempotency-key': 'kept' }
  const kept = await site.run(caller, greeter, { name: 'Ada' }, { ...key, 'bureau-retain': '2h' })
  const path = `api/runs/${String(kept.body['runId'])}`
  const before = await site.get(caller, path)
  expect(before.body).toMatchObject({ input: { name: 'Ada' }, retention: { deletedAt: null } })
  const { finishedAt, retention } = before.body
  const until = Date.parse(JSON.stringify(retention).match(/"until":"([^"]+)"/)?.[1] ?? '')
  expect(until - Date.parse(String(finishedAt))).toBe(2 * 3_600_000)

  const gone = await send(new URL(`${path}/content`, site.server.url), {
    method: 'DELETE',
    headers: { authorization: `Bearer ${caller.apiKey}` },
  })
  expect(gone.status).toBe(204)
  const after = await site.get(caller, path)
  expect(after.body).toMatchObject({ status: 'succeeded', charge: '1.2', input: null, output: null })
  expect(after.body['retention']).toMatchObject({ until: null, deletedAt: expect.stringMatching(/^20/) })
  expect((await site.get(caller, `${path}/logs`)).body).toEqual({ items: [] })
  const again = await site.run(caller, greeter, { name: 'Ada' }, key)
  expect([again.status, again.body['code'], again.body['charge']]).toEqual([410, 'RUN_CONTENT_DELETED', '1.2'])
  const wrong = await site.run(caller, greeter, { name: 'Ada' }, { 'bureau-retain': 'a while' })
  expect([wrong.status, wrong.body['code']]).toEqual([400, 'RETAIN_INVALID'])
})

test('whoever has a page of the account open hears that a run ended, and that credits moved', async () => {
  const caller = await aFunded(10n)
  const room = `account:${caller.accountId}`
  await site.database.db.pool.query(`insert into "RealtimeRoom" (room, seq, "wantedUntil") values ($1, 0, now())`, [
    room,
  ])
  const answer = await site.run(caller, greeter, { name: 'Ada' })
  await eventually(
    async () => {
      const { rows } = await site.database.db.pool.query(
        `select type, data from "RealtimeEvent" where room = $1 order by seq`,
        [room],
      )
      expect(rows).toEqual([
        {
          type: 'run:updated',
          data: { runId: answer.body['runId'], agentId: greeter, status: 'succeeded', code: null, charge: '1.2' },
        },
        { type: 'balance:changed', data: { because: 'run' } },
      ])
    },
    { withinMs: 5_000 },
  )
})

test('a key with a monthly cap spends no more, however many runs it sends at once, and its answers stay', async () => {
  const caller = await aFunded(100n)
  const capped = await createApiKey(site.database, caller.principal, {
    name: 'capped',
    scopes: ['runs.create', 'runs.read'],
    agentIds: [],
    expiresAt: null,
    monthlyCapMicro: String(5n * CREDIT),
  })
  const holder = { ...caller, apiKey: capped.key }
  const first = await site.run(holder, greeter, { name: 'Ada' }, { 'idempotency-key': 'first' })
  expect([first.status, first.body['charge']]).toEqual([200, '1.2'])
  const burst = await Promise.all(Array.from({ length: 8 }, () => site.run(holder, greeter, { name: 'Ada' })))
  expect(burst.filter(({ status }) => status === 200).length).toBeGreaterThan(0)
  const refused = burst.filter(({ status }) => status !== 200)
  expect(refused.length).toBeGreaterThan(0)
  expect(new Set(refused.map(({ body }) => body['code']))).toEqual(new Set(['KEY_CAP_REACHED']))
  const { rows } = await site.database.db.pool.query(
    `select sum(charge_micro)::bigint as spent from runs where account_id = $1`,
    [caller.accountId],
  )
  expect(BigInt(rows[0].spent)).toBeLessThanOrEqual(5n * CREDIT)
  const again = await site.run(holder, greeter, { name: 'Ada' }, { 'idempotency-key': 'first' })
  expect([again.status, again.text]).toEqual([200, first.text])
  expect((await site.run(caller, greeter, { name: 'Ada' })).status).toBe(200)
})
