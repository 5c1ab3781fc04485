import { unzipSync } from 'fflate'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { statement } from '../../src/platform/database.ts'
import { aCaller, type Caller } from '../support/callers.ts'
import { eventually } from '../support/eventually.ts'
import { publishAgent } from '../support/publish-agent.ts'
import { readEvents, type SseEvent } from '../support/read-events.ts'
import { aRunSite, send, type Answer, type RunSite } from '../support/run-site.ts'

const CREDIT = 1_000_000n
const TALKER = `export default async function* ({ words = 3, ms = 20, fail = false, pad = 0 }, ctx) {
  ctx.log.info('begin', { words })
  for (let n = 0; n < words; n++) {
    ctx.progress((n + 1) / words, 'word ' + n)
    if (pad > 0) ctx.log.info('x'.repeat(pad))
    ctx.emit({ n }, { charge: 'word' })
    await new Promise((done) => setTimeout(done, ms))
    if (ctx.signal.aborted) return null
  }
  if (fail) throw new Error('no more')
  yield 'last'
  return { words }
}`
const MAKER = `export default async ({ fail = false }, ctx) => {
  await ctx.artifacts.put('räport.md', '# Report\\n'.repeat(3), { type: 'text/markdown', charge: 'file' })
  const big = new Uint8Array(1_000_000).map((_, n) => n % 251)
  await ctx.artifacts.put('big.bin', big)
  let refused = null
  try { await ctx.artifacts.put('../etc/passwd', 'x') } catch (error) { refused = error.message }
  if (fail) throw new Error('after all')
  return { refused }
}`
const STANDING = statement<{ held: bigint; posted: bigint }>(
  'test.standing_live',
  `select sum(held)::bigint as held, sum(posted)::bigint as posted from ledger_accounts where account_id = $1`,
)

let site: RunSite
let talker: string
let maker: string
beforeAll(async () => {
  site = await aRunSite({ BUREAU_STREAMS_PER_ACCOUNT: '30' })
  const deps = { db: site.database.db, dataDir: site.dataDir }
  const priced = { runMicro: CREDIT, maxMicro: 3n * CREDIT, timeoutMs: 20_000 }
  talker = await publishAgent(deps, site.creator, {
    name: 'Talker',
    source: TALKER,
    ...priced,
    events: { word: CREDIT / 10n },
  })
  maker = await publishAgent(deps, site.creator, {
    name: 'Maker',
    source: MAKER,
    ...priced,
    events: { file: CREDIT },
    retainMs: 12 * 3_600_000,
  })
}, 120_000)

const queued = async (caller: Caller, agentId: string, input: object): Promise<string> => {
  const answer = await site.run(caller, agentId, input, { prefer: 'respond-async' })
  expect(answer.status).toBe(202)
  return String(answer.body['runId'])
}
const watch = (caller: Caller, runId: string, base = site.server.url, headers = {}): Promise<Response> =>
  fetch(new URL(`api/runs/${runId}/events`, base), {
    headers: { authorization: `Bearer ${caller.apiKey}`, 'accept-encoding': 'gzip, br', ...headers },
    signal: AbortSignal.timeout(60_000),
  })
const numbered = (events: readonly SseEvent[]): SseEvent[] => events.filter((event) => event.id !== null)
const post = (caller: Caller, path: string): Promise<Answer> =>
  send(new URL(path, site.server.url), { method: 'POST', headers: { authorization: `Bearer ${caller.apiKey}` } })

test('a stream tells everything from the first event to the last, in order, and is charged as it says', async () => {
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const response = await fetch(new URL(`api/agents/${talker}/run`, site.server.url), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${caller.apiKey}`,
      'content-type': 'application/json',
      accept: 'text/event-stream',
    },
    body: JSON.stringify({ words: 3 }),
  })
  expect([response.status, response.headers.get('content-encoding')]).toEqual([200, null])
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const { events, isWhole } = await readEvents(response)
  expect(isWhole).toBe(true)
  const told = numbered(events)
  expect(told.map((event) => event.id)).toEqual(told.map((_, n) => n + 1))
  expect(told.map((event) => event.type).filter((type) => type !== 'run.progress')).toEqual([
    'run.queued',
    'run.started',
    'run.log',
    ...Array.from({ length: 3 }, () => ['run.charged', 'run.chunk']).flat(),
    'run.chunk',
    'run.settled',
  ])
  expect(told.filter((event) => event.type === 'run.chunk').map((event) => event.data['data'])).toEqual([
    { n: 0 },
    { n: 1 },
    { n: 2 },
    'last',
  ])
  expect(told.findLast((event) => event.type === 'run.charged')?.data).toMatchObject({
    event: 'word',
    count: 1,
    charged: '1.3',
  })
  expect(told.at(-1)?.data).toMatchObject({ status: 'succeeded', charge: '1.3' })
})

test('two watchers, one at another process and one that breaks off and comes back, see the same', async () => {
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const second = await site.startAnother()
  const runId = await queued(caller, talker, { words: 15, ms: 60 })
  const [here, there, first] = await Promise.all([
    watch(caller, runId).then((response) => readEvents(response)),
    watch(caller, runId, second.url).then((response) => readEvents(response)),
    watch(caller, runId).then((response) => readEvents(response, (_, all) => numbered(all).length === 9)),
  ])
  const last = numbered(first.events).at(-1)?.id ?? 0
  const rest = await readEvents(await watch(caller, runId, second.url, { 'last-event-id': String(last) }))
  expect(numbered(here.events).at(-1)?.type).toBe('run.settled')
  expect(numbered(there.events)).toEqual(numbered(here.events))
  expect([...numbered(first.events), ...numbered(rest.events)]).toEqual(numbered(here.events))
}, 90_000)

test('a number the run has not reached is refused, as is what is none; after the end there is nothing left to tell', async () => {
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const runId = await queued(caller, talker, { words: 1 })
  const { events } = await readEvents(await watch(caller, runId))
  const end = numbered(events).at(-1)?.id ?? 0
  const status = async (id: string) => (await watch(caller, runId, site.server.url, { 'last-event-id': id })).status
  expect([await status(String(end + 1)), await status('-1'), await status('x'), await status('1e3')]).toEqual([
    400, 400, 400, 400,
  ])
  expect(await status(String(end))).toBe(204)
  const stranger = await aCaller(site.database.db, 0n)
  expect((await watch(stranger, runId)).status).toBe(404)
})

test('a run within its request that emits nothing stores no events, and still tells its log afterwards', async () => {
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const quiet = await publishAgent({ db: site.database.db, dataDir: site.dataDir }, site.creator, {
    name: 'Quiet',
    source: `export default async (_, ctx) => { ctx.log.info('one'); ctx.progress(1); ctx.log.warn('two'); return 1 }`,
  })
  const run = await site.run(caller, quiet, {})
  const { rows } = await site.database.db.pool.query('select 1 from run_events where run_id = $1', [run.body['runId']])
  expect(rows).toEqual([])
  const { events } = await readEvents(await watch(caller, String(run.body['runId'])))
  expect(events.map((event) => event.type)).toEqual(['run.started', 'run.log', 'run.log', 'run.settled'])
})

test('a run within its request is told as it goes to who watches it meanwhile', async () => {
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const slow = await publishAgent({ db: site.database.db, dataDir: site.dataDir }, site.creator, {
    name: 'Slow and quiet',
    source: `export default async (_, ctx) => {
      ctx.progress(0.5, 'half')
      await new Promise((done) => setTimeout(done, 6_000))
      return 1
    }`,
  })
  const answered = site.run(caller, slow, {})
  const runId = await eventually(
    async () => {
      const [run] = z
        .object({ items: z.array(z.object({ runId: z.string() })) })
        .parse((await site.get(caller, 'api/runs')).body).items
      if (run === undefined) throw new Error('not there yet')
      return run.runId
    },
    { withinMs: 5_000 },
  )
  const { events, isWhole } = await readEvents(await watch(caller, runId), (event) => event.type === 'run.progress')
  expect([events.at(-1)?.type, isWhole]).toEqual(['run.progress', false])
  expect((await site.get(caller, `api/runs/${runId}`)).body['status']).toBe('running')
  expect((await answered).status).toBe(200)
})

test('a run is over when everything that happened in it is stored, and not before', async () => {
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const quiet = await publishAgent({ db: site.database.db, dataDir: site.dataDir }, site.creator, {
    name: 'At once',
    source: `export default async () => 1`,
  })
  const holder = await site.database.db.pool.connect()
  const statusOf = async (runId: string) => (await site.get(caller, `api/runs/${runId}`)).body['status']
  let runId = ''
  try {
    await holder.query('begin')
    await holder.query('lock table run_events in share row exclusive mode')
    runId = await queued(caller, talker, { words: 1 })
    await eventually(async () => expect(await statusOf(runId)).toBe('running'), { withinMs: 20_000 })
    // As long as others take from their beginning to their end.
    for (let n = 0; n < 5; n += 1) expect((await site.run(caller, quiet, {})).status).toBe(200)
    expect(await statusOf(runId)).toBe('running')
  } finally {
    await holder.query('rollback')
    holder.release()
  }
  await eventually(async () => expect(await statusOf(runId)).toBe('succeeded'), { withinMs: 20_000 })
  const { events } = await readEvents(await watch(caller, runId))
  expect(numbered(events).map((event) => event.id)).toEqual(numbered(events).map((_, n) => n + 1))
})

test('a reader that takes nothing holds nobody up, and reads on where it was', async () => {
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const runId = await queued(caller, talker, { words: 20, ms: 1, pad: 7_000 })
  const slow = await watch(caller, runId)
  await eventually(
    async () => expect((await site.get(caller, `api/runs/${runId}`)).body).toMatchObject({ status: 'succeeded' }),
    { withinMs: 20_000 },
  )
  const { events, isWhole } = await readEvents(slow)
  expect(isWhole).toBe(true)
  expect(numbered(events).map((event) => event.id)).toEqual(numbered(events).map((_, n) => n + 1))
})

test('canceled after chunks were delivered, the run costs its price and those chunks, whatever comes after', async () => {
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const runId = await queued(caller, talker, { words: 15, ms: 300 })
  await readEvents(await watch(caller, runId), (event) => event.type === 'run.chunk' && event.data['seq'] !== null)
  const canceled = await post(caller, `api/runs/${runId}/cancel`)
  expect(canceled.body['status']).toBe('canceled')
  const { events } = await readEvents(await watch(caller, runId))
  const words = events.filter((event) => event.type === 'run.charged').length
  expect(words).toBeGreaterThan(0)
  expect(canceled.body['charge']).toBe(String(1 + words / 10))
  expect(await site.database.db.query(STANDING, [caller.accountId])).toEqual([
    { held: 0n, posted: 10n * CREDIT - CREDIT - (BigInt(words) * CREDIT) / 10n },
  ])
})

test('beyond its cap an agent delivers nothing more and the run fails, at no charge', async () => {
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const run = await site.run(caller, talker, { words: 10, ms: 0 }, { 'bureau-max-charge': '1.25' })
  expect([run.status, run.body['code'], run.body['charge']]).toEqual([402, 'CAP_REACHED', '0'])
  const { events } = await readEvents(await watch(caller, String(run.body['runId'])))
  expect(events.filter((event) => event.type === 'run.chunk')).toHaveLength(2)
})

test('files that a run made are given out when it is paid: whole, in parts, and all in one archive', async () => {
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const run = await site.run(caller, maker, {})
  expect([run.status, run.body['charge']]).toEqual([200, '2'])
  expect(run.body['output']).toEqual({ refused: expect.stringContaining('file name') })
  const path = `api/runs/${String(run.body['runId'])}`
  const { body } = await site.get(caller, path)
  expect(body['artifacts']).toMatchObject([
    { name: 'räport.md', type: 'text/markdown', sizeBytes: 27, isPaid: true },
    { name: 'big.bin', sizeBytes: 1_000_000 },
  ])
  const whole = await site.get(caller, `${path}/artifacts/${encodeURIComponent('räport.md')}`)
  expect([whole.status, whole.text, whole.headers.get('content-disposition')]).toEqual([
    200,
    '# Report\n'.repeat(3),
    `attachment; filename*=UTF-8''r%C3%A4port.md`,
  ])
  const part = await site.get(caller, `${path}/artifacts/big.bin`, { range: 'bytes=100-104' })
  expect([part.status, part.headers.get('content-range'), [...Buffer.from(part.text, 'latin1')]]).toEqual([
    206,
    'bytes 100-104/1000000',
    [100, 101, 102, 103, 104],
  ])
  expect((await site.get(caller, `${path}/artifacts/big.bin`, { range: 'bytes=1000000-' })).status).toBe(416)
  expect((await site.get(caller, `${path}/artifacts/none`)).status).toBe(404)
  const zip = await fetch(new URL(`${path}/artifacts.zip`, site.server.url), {
    headers: { authorization: `Bearer ${caller.apiKey}` },
  })
  const files = unzipSync(new Uint8Array(await zip.arrayBuffer()))
  expect(Object.entries(files).map(([name, bytes]) => [name, bytes.length])).toEqual([
    ['räport.md', 27],
    ['big.bin', 1_000_000],
  ])
})

test('files of a run that failed are not given out, and nothing is charged', async () => {
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const run = await site.run(caller, maker, { fail: true })
  expect([run.status, run.body['charge']]).toEqual([502, '0'])
  const path = `api/runs/${String(run.body['runId'])}`
  expect((await site.get(caller, path)).body['artifacts']).toMatchObject([{ isPaid: false }, { isPaid: false }])
  for (const file of ['artifacts/big.bin', 'artifacts.zip']) {
    const refused = await site.get(caller, `${path}/${file}`)
    expect([refused.status, refused.body['code']]).toEqual([402, 'ARTIFACT_NOT_PAID'])
  }
})

test('one stream more than an account may have is refused, told when to come back, and starts no run', async () => {
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const runId = await queued(caller, talker, { words: 400, ms: 50 })
  const readers = await Promise.all(Array.from({ length: 30 }, () => watch(caller, runId)))
  expect(readers.map((reader) => reader.status)).toEqual(Array(30).fill(200))
  const refused = await watch(caller, runId)
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5'])
  expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_STREAMS' })
  const started = await site.run(caller, talker, { words: 1 }, { accept: 'text/event-stream' })
  expect([started.status, started.body['code']]).toEqual([429, 'TOO_MANY_STREAMS'])
  expect((await site.get(caller, 'api/runs')).body['items']).toHaveLength(1)
  expect((await watch(await aCaller(site.database.db, 0n), runId)).status).toBe(404)
  await readers[0]?.body?.cancel()
  await eventually(
    async () => {
      const again = await watch(caller, runId)
      await again.body?.cancel()
      expect(again.status).toBe(200)
    },
    { withinMs: 10_000 },
  )
  await Promise.all(readers.map(async (reader) => reader.body?.cancel().catch(() => undefined)))
  await post(caller, `api/runs/${runId}/cancel`)
})

test('what an agent wants kept for less is kept for less, with its files, unless the caller wants it shorter still', async () => {
  const caller = await aCaller(site.database.db, 10n * CREDIT)
  const [plain, shorter, longer] = [
    await site.run(caller, maker, {}),
    await site.run(caller, maker, {}, { 'bureau-retain': '1h' }),
    await site.run(caller, maker, {}, { 'bureau-retain': '5d' }),
  ]
  const keptMs = async (answer: Answer): Promise<number[]> => {
    const { body } = await site.get(caller, `api/runs/${String(answer.body['runId'])}`)
    const finishedAt = Date.parse(String(body['finishedAt']))
    const [until = '', ...files] = [...JSON.stringify(body).matchAll(/"(?:until|expiresAt)":"([^"]+)"/g)].map(
      (match) => match[1] ?? '',
    )
    return [until, ...files].map((at) => Date.parse(at) - finishedAt)
  }
  const HOUR = 3_600_000
  expect(await keptMs(plain)).toEqual([12 * HOUR, 12 * HOUR, 12 * HOUR])
  expect(await keptMs(shorter)).toEqual([HOUR, HOUR, HOUR])
  expect(await keptMs(longer)).toEqual([12 * HOUR, 12 * HOUR, 12 * HOUR])
  const view = await site.get(caller, `api/agents/${maker}`)
  expect(view.body['retention']).toEqual({ days: 30, ms: 12 * HOUR })
})
