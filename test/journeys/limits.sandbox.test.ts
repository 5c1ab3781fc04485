import { createServer } from 'node:http'
import { beforeAll, expect, test } from 'vitest'
import { statement } from '../../src/platform/database.ts'
import { aCaller } from '../support/callers.ts'
import { atEndOfFile } from '../support/each-file.ts'
import { eventually } from '../support/eventually.ts'
import { publishAgent, type TestAgent } from '../support/publish-agent.ts'
import { aRunSite, type RunSite } from '../support/run-site.ts'

const CREDIT = 1_000_000n
const STANDING = statement<{ held: bigint; posted: bigint }>(
  'test.standing_limits',
  `select sum(held)::bigint as held, sum(posted)::bigint as posted from ledger_accounts where account_id = $1`,
)

let site: RunSite
let webPort = 0
beforeAll(async () => {
  const web = createServer((_, response) => response.end('x'.repeat(2_000)))
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  atEndOfFile(() => new Promise<void>((resolve) => web.close(() => resolve())))
  const address = web.address()
  webPort = typeof address === 'object' && address !== null ? address.port : 0
  site = await aRunSite({
    BUREAU_SANDBOX_MAX_RUNNING: '1',
    BUREAU_SANDBOX_QUEUE: '0',
    BUREAU_EGRESS_PRIVATE_HOSTS: `127.0.0.1:${webPort}`,
  })
}, 180_000)

const publish = (name: string, source: string, more: Partial<TestAgent> = {}): Promise<string> =>
  publishAgent({ db: site.database.db, dataDir: site.dataDir }, site.creator, {
    name,
    source,
    runMicro: CREDIT,
    ...more,
  })

/** What each bound is called in a manifest, what goes beyond it, and how the run ends. */
const ASK = `fetch('http://127.0.0.1:PORT/').then((answer) => answer.text())`
const WORK = `export default async () => { for (let n = 0; n < 20; n++) await (STEP); return 1 }`
test.each<[string, string, Partial<TestAgent>, string, number]>([
  [
    'wall-clock time',
    'export default () => new Promise((r) => setTimeout(r, 9000))',
    { timeoutMs: 300 },
    'RUN_TIMED_OUT',
    504,
  ],
  ['processor time', 'export default () => { for (;;); }', { limits: { cpuMs: 200 } }, 'RUN_CPU_EXCEEDED', 502],
  [
    'memory',
    'export default () => { const a = []; for (;;) a.push(new Uint8Array(4e6).fill(1)) }',
    { memoryMb: 64 },
    'RUN_OUT_OF_MEMORY',
    502,
  ],
  ['output', `export default () => 'x'.repeat(300)`, { limits: { outputBytes: 200 } }, 'RUN_OUTPUT_TOO_LARGE', 502],
  [
    'requests over the network',
    WORK.replace('STEP', `${ASK}.catch(() => 0)`),
    { limits: { egressRequests: 3 } },
    'EGRESS_LIMIT',
    502,
  ],
  [
    'bytes over the network',
    WORK.replace('STEP', `${ASK}.catch(() => 0)`),
    { limits: { egressBytes: 9_000 } },
    'EGRESS_LIMIT',
    502,
  ],
])(
  'a run beyond its %s ends with its code, costs nothing, and its creator sees it',
  async (name, source, more, code, status) => {
    const egress = [`127.0.0.1:${webPort}`]
    const agentId = await publish(`Beyond ${name}`, source.replaceAll('PORT', String(webPort)), { egress, ...more })
    const caller = await aCaller(site.database.db, 10n * CREDIT)
    const consent = (await site.get(caller, `api/agents/${agentId}`)).body['manifestHash']
    const headers = { 'bureau-consent': String(consent) }
    const answer = await site.run(caller, agentId, {}, headers)
    expect([answer.status, answer.body['code']]).toEqual([status, code])
    expect(await site.database.db.query(STANDING, [caller.accountId])).toEqual([{ held: 0n, posted: 10n * CREDIT }])
    const failures = await site.get(site.creator, `api/agents/${agentId}/failures`)
    expect(failures.body).toMatchObject({ days: 7, items: [{ code, version: 1, runs: 1, callers: 1 }] })
    const runs = `api/agents/${agentId}/failures/runs`
    const runId = String(answer.body['runId'])
    const listed = await site.get(site.creator, runs)
    expect(listed.body).toMatchObject({ items: [{ runId, code, version: 1 }], nextCursor: null })
    for (const [query, count] of [
      [`run=${runId}&code=${code}&version=1`, 1],
      ['version=2', 0],
      ['code=AGENT_THREW', 0],
      ['run=0195b3a4-0000-7000-8000-000000000000', 0],
    ] as const)
      expect((await site.get(site.creator, `${runs}?${query}`)).body['items']).toHaveLength(count)
    expect((await site.get(caller, runs)).status).toBe(403)
    for (const said of [caller.accountId, 'message', 'failure', 'input']) expect(listed.text).not.toContain(said)
    // Nobody else sees it, and nothing of the caller stands in it.
    expect((await site.get(caller, `api/agents/${agentId}/failures`)).status).toBe(403)
    expect(failures.text).not.toContain(caller.accountId)
  },
)

test('log text beyond its bound is cut and marked, and the run succeeds', async () => {
  const source = `export default (i, ctx) => { for (let n = 0; n < 50; n++) ctx.log.info('a line of some length'); return 1 }`
  const agentId = await publish('Talkative', source, { limits: { logBytes: 200 } })
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const { status, body } = await site.run(caller, agentId, {})
  expect(status).toBe(200)
  const logs = await site.get(caller, `api/runs/${String(body['runId'])}/logs`)
  expect(logs.text.split('a line of some length').length - 1).toBe(3)
})

test('when every place is taken and nobody may wait, the answer is 429 with Retry-After and nothing is charged', async () => {
  const agentId = await publish('Slow', 'export default () => new Promise((r) => setTimeout(r, 4000))')
  const [first, second] = [await aCaller(site.database.db, 10n * CREDIT), await aCaller(site.database.db, 10n * CREDIT)]
  const running = site.run(first, agentId, {})
  const health = () => site.get(null, 'api/health')
  await eventually(async () => expect((await health()).body).toMatchObject({ sandbox: { running: 1 } }), {
    withinMs: 10_000,
  })
  const refused = await site.run(second, agentId, {})
  expect([refused.status, refused.body['code']]).toEqual([429, 'SANDBOX_BUSY'])
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await site.database.db.query(STANDING, [second.accountId])).toEqual([{ held: 0n, posted: 10n * CREDIT }])
  expect((await running).status).toBe(200)
})
