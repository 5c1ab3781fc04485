import { createHash, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { beforeAll, expect, test } from 'vitest'
import { aCaller, type Caller } from '../support/callers.ts'
import { eventually } from '../support/eventually.ts'
import { publishAgent } from '../support/publish-agent.ts'
import { aRunSite, type RunSite } from '../support/run-site.ts'

let site: RunSite
let caller: Caller
beforeAll(async () => {
  site = await aRunSite({ BUREAU_REQUEST_TIMEOUT_MS: '2000', BUREAU_BODY_IDLE_MS: '3000', BUREAU_SITE: 'none' })
  caller = await aCaller(site.database.db, 0n)
}, 120_000)

const tus = (method: string, path: string, headers: Readonly<Record<string, string>> = {}, base = site.server.url) =>
  fetch(new URL(path, base), {
    method,
    headers: { authorization: `Bearer ${caller.apiKey}`, 'tus-resumable': '1.0.0', ...headers },
  })

async function begin(sizeBytes: number): Promise<string> {
  const metadata = `filename ${Buffer.from('räport.bin').toString('base64')},filetype ${btoa('application/zip')},other`
  const begun = await tus('POST', 'api/uploads/resumable', {
    'upload-length': String(sizeBytes),
    'upload-metadata': metadata,
  })
  expect([begun.status, begun.headers.get('tus-resumable'), begun.headers.get('upload-offset')]).toEqual([
    201,
    '1.0.0',
    '0',
  ])
  expect(Date.parse(begun.headers.get('upload-expires') ?? '')).toBeGreaterThan(Date.now())
  return begun.headers.get('location')?.slice(1) ?? ''
}

const standOf = async (path: string, base = site.server.url): Promise<number> => {
  const head = await tus('HEAD', path, {}, base)
  expect([head.status, head.headers.get('cache-control')]).toEqual([200, 'no-store'])
  return Number(head.headers.get('upload-offset'))
}

/** Sends from `offset`; with `cutAfter` the connection is torn once so many bytes have left.
 * @returns status, or null where it was torn */
function patch(
  path: string,
  offset: number,
  bytes: Iterable<Uint8Array>,
  { cutAfter = Infinity, base = site.server.url }: { readonly cutAfter?: number; readonly base?: URL } = {},
): Promise<number | null> {
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(path, base), {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${caller.apiKey}`,
        'tus-resumable': '1.0.0',
        'upload-offset': String(offset),
        'content-type': 'application/offset+octet-stream',
      },
    })
    outgoing.on('error', () => resolve(null))
    outgoing.on('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode ?? null)
    })
    void (async () => {
      let left = cutAfter
      for (const piece of bytes) {
        const taken = piece.subarray(0, left)
        left -= taken.byteLength
        if (!outgoing.write(taken)) await new Promise((done) => outgoing.once('drain', done))
        if (left <= 0) return outgoing.destroy()
      }
      outgoing.end()
    })().catch(reject)
  })
}

/** Asks how much has arrived and goes on from there, as clients do: anew where a torn request's last part comes in
 * meanwhile (409). */
async function goOn(
  path: string,
  bytesFrom: (offset: number) => Iterable<Uint8Array>,
  options: { readonly cutAfter?: (offset: number) => number; readonly base?: URL } = {},
): Promise<number | null> {
  for (let tries = 0; tries < 50; tries += 1) {
    const offset = await standOf(path, options.base)
    const cutAfter = options.cutAfter?.(offset) ?? Infinity
    const status = await patch(path, offset, bytesFrom(offset), { ...options, cutAfter })
    if (status !== 409) return status
  }
  throw new Error('the upload never stood still')
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
}

test('torn at random bytes and gone on with, at another process too, the file is the same and an agent reads it', async () => {
  const bytes = randomBytes(9_000_000)
  const path = await begin(bytes.length)
  const another = await site.startAnother()
  const rest = (offset: number) => piecesOf(bytes.subarray(offset))
  const cutAfter = (offset: number) => 1 + Math.floor(Math.random() * (bytes.length - offset - 1))
  for (const base of [site.server.url, another.url, site.server.url])
    expect(await goOn(path, rest, { cutAfter, base })).toBeNull()
  await eventually(async () => expect(await standOf(path)).toBeGreaterThan(0), { withinMs: 10_000 })
  expect(await patch(path, bytes.length, [Buffer.from('x')])).toBe(409)
  expect(await goOn(path, rest, { base: another.url })).toBe(204)
  expect(await standOf(path)).toBe(bytes.length)
  const id = path.slice(path.lastIndexOf('/') + 1)
  const listed = await site.get(caller, 'api/uploads')
  expect(listed.body['items']).toMatchObject([
    {
      id,
      name: 'räport.bin',
      type: 'application/zip',
      sizeBytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    },
  ])
  const agentId = await publishAgent({ db: site.database.db, dataDir: site.dataDir }, site.creator, {
    name: 'Counts',
    source: `export default async ({ f }) => { let sum = 0; for await (const c of f.stream()) for (const b of c) sum += b; return { name: f.name, sum } }`,
  })
  const ran = await site.run(caller, agentId, { f: { $upload: id } })
  expect(ran.body['output']).toEqual({ name: 'räport.bin', sum: bytes.reduce((sum, byte) => sum + byte, 0) })
}, 120_000)

test('what is spoken is told; another version, bad headers and a stranger are refused with a code', async () => {
  const options = await tus('OPTIONS', 'api/uploads/resumable', { 'tus-resumable': '' })
  expect([options.status, options.headers.get('tus-version'), options.headers.get('tus-extension')]).toEqual([
    204,
    '1.0.0',
    'creation,expiration,termination',
  ])
  const codeOf = async (answer: Response) => [answer.status, /"code":"(\w+)"/.exec(await answer.text())?.[1]]
  expect(await codeOf(await tus('POST', 'api/uploads/resumable', { 'tus-resumable': '0.2.1' }))).toEqual([
    412,
    'TUS_VERSION_UNSUPPORTED',
  ])
  expect(await codeOf(await tus('POST', 'api/uploads/resumable', { 'upload-length': 'many' }))).toEqual([
    400,
    'TUS_HEADERS_INVALID',
  ])
  const path = await begin(100)
  const mine = caller
  caller = await aCaller(site.database.db, 0n)
  expect([(await tus('HEAD', path)).status, await patch(path, 0, [Buffer.from('x')])]).toEqual([404, 404])
  caller = mine
  expect([(await tus('DELETE', path)).status, (await tus('HEAD', path)).status]).toEqual([204, 404])
})

test('an upload may take longer than a request may, and one that stands still is ended with what had come kept', async () => {
  const path = await begin(300_000)
  function* nothing(): Generator<Uint8Array> {}
  expect(await patch(path, 0, nothing())).toBe(204)
  const slow = new Promise<number | null>((resolve) => {
    const outgoing = request(new URL(path, site.server.url), {
      method: 'PATCH',
      headers: {
        authorization: `Bearer ${caller.apiKey}`,
        'tus-resumable': '1.0.0',
        'upload-offset': '0',
        'content-type': 'application/offset+octet-stream',
        'content-length': '300000',
      },
    })
    outgoing.on('error', () => resolve(null))
    outgoing.on('response', (answer) => resolve(answer.statusCode ?? null))
    let sent = 0
    const timer = setInterval(() => {
      outgoing.write(Buffer.alloc(20_000))
      sent += 20_000
      // 4 s in all, twice what any other request may take; then it stands still.
      if (sent === 280_000) clearInterval(timer)
    }, 300)
  })
  expect(await slow).toBe(408)
  await eventually(async () => expect(await standOf(path)).toBe(280_000), { withinMs: 5_000 })
  expect(await patch(path, 280_000, [Buffer.alloc(20_000)])).toBe(204)
}, 60_000)

/** The peak of the server's memory since it started, in bytes. */
const peakBytes = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024

/** 1 000 000 000 for docs/measurements.md. */
const LARGE_BYTES = 200_000_000

test('a large file in pieces passes through the server without lying in its memory', async () => {
  const another = await site.startAnother()
  const path = await begin(LARGE_BYTES)
  const before = peakBytes(another.pid)
  const piece = randomBytes(1_000_000)
  function* body(from: number): Generator<Uint8Array> {
    for (let left = LARGE_BYTES - from; left > 0; left -= piece.length) yield piece.subarray(0, left)
  }
  const started = performance.now()
  expect(await patch(path, 0, body(0), { cutAfter: LARGE_BYTES / 2, base: another.url })).toBeNull()
  await eventually(async () => expect(await standOf(path, another.url)).toBeGreaterThan(LARGE_BYTES / 4), {
    withinMs: 20_000,
  })
  expect(await goOn(path, body, { base: another.url })).toBe(204)
  const grownBytes = peakBytes(another.pid) - before
  process.stderr.write(
    `${LARGE_BYTES} bytes torn once: ${Math.round(performance.now() - started)} ms, peak RSS ${peakBytes(another.pid)}, ${grownBytes} above\n`,
  )
  expect(grownBytes).toBeLessThan(150_000_000)
}, 600_000)
