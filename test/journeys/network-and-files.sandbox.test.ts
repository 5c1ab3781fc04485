import { readFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { statement } from '../../src/platform/database.ts'
import { startWebServer } from '../../src/sandbox/egress/testing/local-servers.ts'
import { createApiKey } from '../../src/users/index.ts'
import { aCaller, type Caller } from '../support/callers.ts'
import { eventually } from '../support/eventually.ts'
import { publishAgent } from '../support/publish-agent.ts'
import { aRunSite, send, type RunSite } from '../support/run-site.ts'

const VALUE = 'sk-live-4f9a7d2c81e35b60'
let site: RunSite
let caller: Caller
let server: Awaited<ReturnType<typeof startWebServer>>
const seen: (string | undefined)[] = []

/** Everything of this database that somebody could read later, as text. */
const DUMP = statement<{ text: string }>(
  'test.dump_all',
  `select string_agg(t::text, ' ') as text from (
     select s::text as t from secrets s union all select a::text from "AuditEvent" a
     union all select r::text from runs r union all select e::text from run_egress e
     union all select a::text from artifacts a union all select v::text from run_events v) all_rows`,
)
const SET_MANIFEST = statement(
  'test.widen_manifest',
  `update "AgentVersion" set manifest = manifest || $2::jsonb, version = 2 where "agentId" = $1`,
)
const SET_ACTIVE = statement('test.set_active', `update "Agent" set "activeVersion" = 2 where id = $1`)

beforeAll(async () => {
  server = await startWebServer((req, res) => {
    seen.push(req.headers.authorization)
    res.end(`you sent ${req.headers.authorization}`)
  })
  site = await aRunSite({
    BUREAU_EGRESS_PRIVATE_HOSTS: `127.0.0.1:${server.port}`,
    BUREAU_UPLOAD_BYTES: '2000000',
    BUREAU_UPLOAD_QUOTA_BYTES: '3000000',
    BUREAU_LOG_LEVEL: 'trace',
  })
  const { db } = site.database
  caller = await aCaller(db, 0n)
  const { key } = await createApiKey({ db }, caller.principal, {
    name: 'all',
    scopes: ['runs.create', 'runs.read', 'agents.read', 'secrets.read', 'secrets.write'],
    agentIds: [],
    expiresAt: null,
    monthlyCapMicro: null,
  })
  caller = { ...caller, apiKey: key }
}, 120_000)
afterAll(() => server.close())

const api = (method: string, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
  send(new URL(path, site.server.url), {
    method,
    headers: {
      authorization: `Bearer ${caller.apiKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })

test('a run speaks to its hosts with the caller’s secret, which nobody reads anywhere afterwards; a widening asks', async () => {
  const host = `127.0.0.1:${server.port}`
  const agentId = await publishAgent({ db: site.database.db, dataDir: site.dataDir }, site.creator, {
    name: 'Keyed',
    egress: [host],
    secrets: [{ name: 'KEY', description: '', hosts: [host] }],
    source: `export default async ({ fail }, ctx) => {
      const text = await (await fetch('http://${host}/', { headers: { authorization: ctx.secret('KEY') ?? 'none' } })).text()
      ctx.log.info(text)
      ctx.emit({ text })
      // Whatever an agent makes of what came back: it never held the value, so no file and no name of one holds it.
      await ctx.artifacts.put('echo.txt', text)
      await ctx.artifacts.put(text.slice(9) + '.bin', new TextEncoder().encode(btoa(text)))
      if (fail) throw new Error(text)
      return { text }
    }`,
  })
  expect((await api('GET', `api/agents/${agentId}`)).body).toMatchObject({
    egress: [host],
    secrets: [{ name: 'KEY', hosts: [host] }],
    consent: { isNeeded: true, widened: null },
  })
  expect((await site.run(caller, agentId, {})).body).toMatchObject({ output: { text: 'you sent none' } })
  expect((await api('GET', `api/agents/${agentId}`)).body).toMatchObject({ consent: { isNeeded: false } })
  expect((await api('PUT', 'api/secrets', { agentId, name: 'KEY', value: VALUE })).status).toBe(200)
  const ran = await site.run(caller, agentId, {})
  expect(ran.body).toMatchObject({ status: 'succeeded', output: { text: 'you sent [secret KEY]' } })
  const failed = await site.run(caller, agentId, { fail: true })
  expect(failed.body).toMatchObject({ code: 'AGENT_THREW', detail: 'you sent [secret KEY]' })
  expect(seen).toEqual(['none', VALUE, VALUE])
  const runId = String(ran.body['runId'])
  const detail = await api('GET', `api/runs/${runId}`)
  expect(detail.body).toMatchObject({ egress: [{ host, requests: 1, refused: 0 }] })
  const read = [
    ran,
    failed,
    detail,
    await api('GET', `api/runs/${runId}/logs`),
    await api('GET', 'api/secrets'),
    await api('GET', `api/agents/${agentId}/secrets`),
  ]
  const files = detail.body['artifacts']
  expect(files).toMatchObject([{ name: 'echo.txt' }, { name: '[secret KEY].bin' }])
  const stored = await Promise.all(
    (await readdir(join(site.dataDir, 'objects'), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
  )
  expect(stored).toContain('you sent [secret KEY]')
  const [dump] = await site.database.db.query(DUMP)
  const texts = [...read.map((answer) => answer.text), ...stored, dump?.text ?? '', site.server.output()]
  for (const text of texts) {
    expect(text).not.toContain(VALUE)
    expect(text).not.toContain(Buffer.from(VALUE).toString('hex'))
    for (const offset of [0, 1, 2])
      expect(text).not.toContain(
        Buffer.from('x'.repeat(offset) + VALUE)
          .toString('base64')
          .slice(offset * 2, -4),
      )
  }

  // The creator publishes a version that wants to reach one host more.
  await site.database.db.execute(SET_MANIFEST, [agentId, JSON.stringify({ egress: [host, 'evil.test'] })])
  await site.database.db.execute(SET_ACTIVE, [agentId])
  const asked = await eventually(
    async () => {
      const answer = await site.run(caller, agentId, {})
      expect(answer.status).toBe(409)
      return answer
    },
    { withinMs: 3_000 },
  )
  expect(asked.body).toMatchObject({ code: 'CONSENT_REQUIRED', widened: { hosts: ['evil.test'] } })
  const hash = String(asked.body['manifestHash'])
  expect((await site.run(caller, agentId, {}, { 'bureau-consent': hash })).status).toBe(200)
  expect((await site.run(caller, agentId, {})).status).toBe(200)
  expect((await api('DELETE', `api/secrets?agent=${agentId}&name=KEY`)).status).toBe(204)
  expect((await site.run(caller, agentId, {})).body).toMatchObject({ output: { text: 'you sent none' } })
}, 60_000)

const upload = (bytes: Uint8Array<ArrayBuffer>, name = 'a.csv') => {
  const form = new FormData()
  form.set('file', new Blob([bytes], { type: 'text/csv' }), name)
  return send(new URL('api/uploads', site.server.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${caller.apiKey}` },
    body: form,
  })
}

test('a file is uploaded once and named in an input; too large, over quota and cut off are refused and leave nothing', async () => {
  const agentId = await publishAgent({ db: site.database.db, dataDir: site.dataDir }, site.creator, {
    name: 'Reads',
    input: { type: 'object', properties: { csv: { type: 'string', format: 'bureau-file' } }, required: ['csv'] },
    source: `export default async ({ csv }) => ({ name: csv.name, type: csv.type, size: csv.size, text: (await csv.text()).slice(0, 5) })`,
  })
  const sent = await upload(new TextEncoder().encode('a;b;c\n1;2;3\n'))
  expect([sent.status, sent.body]).toMatchObject([201, { name: 'a.csv', type: 'text/csv', sizeBytes: 12 }])
  const { id } = sent.body
  for (let at = 0; at < 2; at++)
    expect((await site.run(caller, agentId, { csv: { $upload: id } })).body).toMatchObject({
      output: { name: 'a.csv', type: 'text/csv', size: 12, text: 'a;b;c' },
    })
  expect((await site.run(caller, agentId, { csv: { $upload: 'nothing' } })).body).toMatchObject({
    code: 'UPLOAD_NOT_FOUND',
  })
  expect((await site.run(caller, agentId, { csv: { $url: 'https://169.254.169.254/latest' } })).body).toMatchObject({
    code: 'INPUT_URL_FAILED',
  })
  expect((await upload(randomBytes(2_000_001))).body).toMatchObject({ code: 'UPLOAD_TOO_LARGE' })
  const first = await upload(randomBytes(1_900_000))
  expect((await upload(randomBytes(1_900_000))).body).toMatchObject({ code: 'UPLOAD_QUOTA_EXCEEDED' })
  await cutOff()
  const listed = await api('GET', 'api/uploads')
  expect(listed.body).toMatchObject({ items: [{ sizeBytes: 1_900_000 }, { sizeBytes: 12 }] })
  expect((await api('DELETE', `api/uploads/${String(first.body['id'])}`)).status).toBe(204)
  expect((await upload(randomBytes(1_900_000))).status).toBe(201)
}, 60_000)

/** An upload whose sender goes away in the middle of the file. */
async function cutOff(): Promise<void> {
  const boundary = 'x'.repeat(20)
  const head = `--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="half.csv"\r\ncontent-type: text/csv\r\n\r\n`
  const outgoing = request(new URL('api/uploads', site.server.url), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${caller.apiKey}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': '900000',
    },
  })
  outgoing.on('error', () => {})
  await new Promise<void>((resolve) => outgoing.write(head + 'half of it', () => resolve()))
  outgoing.destroy()
  await new Promise((resolve) => outgoing.once('close', resolve))
}

/** The peak of the server's memory since it started, in bytes. */
const peakBytes = (): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${site.server.pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024

test('a large upload passes through the server in pieces', async () => {
  const big = await aRunSite({})
  const sender = await aCaller(big.database.db, 0n)
  site = big
  const before = peakBytes()
  const size = 300_000_000
  const boundary = 'y'.repeat(20)
  const piece = randomBytes(1_000_000)
  async function* body(): AsyncGenerator<Buffer> {
    yield Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="f"; filename="big.bin"\r\n\r\n`)
    for (let left = size; left > 0; left -= piece.length) yield piece
    yield Buffer.from(`\r\n--${boundary}--\r\n`)
  }
  const answer = await fetch(new URL('api/uploads', big.server.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${sender.apiKey}`, 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Readable.toWeb(Readable.from(body())),
    duplex: 'half',
  })
  expect([answer.status, await answer.json()]).toMatchObject([201, { sizeBytes: size }])
  expect(peakBytes() - before).toBeLessThan(150_000_000)
}, 120_000)
