import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { createGzip, gzipSync } from 'node:zlib'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import type { EgressGrant } from '../sandbox.types.ts'
import { EgressRecord } from './egress-record.ts'
import { performRequest, type EgressDeps, type EgressLimits, type EgressRequest } from './egress.ts'
import { createResolver, resolveLocally } from './resolve.ts'
import { aNameServer, aWebServer, bodyOf } from './testing/local-servers.ts'

const LIMITS: EgressLimits = {
  connectMs: 2_000,
  idleMs: 2_000,
  totalMs: 10_000,
  maxResponseBytes: 1_000_000,
  maxRequestBytes: 1_000_000,
}

type Asked = Partial<EgressRequest> & {
  readonly url: string
  readonly limits?: Partial<EgressLimits>
  readonly secrets?: EgressGrant['secrets']
  readonly hosts?: readonly string[]
  readonly privateHosts?: readonly string[]
  readonly record?: EgressRecord
  readonly resolve?: EgressDeps['resolve']
  readonly resolveLocally?: EgressDeps['resolve']
  readonly signal?: AbortSignal
}

/** One request of an agent that may reach 127.0.0.1 and localhost at the given port. */
async function ask({ url, limits, secrets = new Map(), record = aRecord(), ...given }: Asked) {
  const { port } = new URL(url)
  const own = [`127.0.0.1:${port}`, `localhost:${port}`]
  const deps: EgressDeps = {
    isOff: false,
    privateHosts: given.privateHosts ?? own,
    resolve: given.resolve ?? createResolver([]),
    resolveLocally: given.resolveLocally ?? resolveLocally,
    limits: { ...LIMITS, ...limits },
  }
  const grant = { hosts: given.hosts ?? own, secrets }
  const context = { grant, record, pins: new Map(), signal: given.signal ?? AbortSignal.timeout(20_000) }
  const order: EgressRequest = { method: 'GET', headers: [], body: null, redirect: 'follow', ...given, url }
  const response = await performRequest(deps, context, order)
  return { ...response, text: () => textOf(response.body) }
}

async function textOf(body: AsyncIterable<Buffer> | null): Promise<string> {
  const chunks: Buffer[] = []
  if (body !== null) for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const aRecord = (maxRequests = 100, maxRunBytes = 100_000_000) => new EgressRecord({ maxRequests, maxRunBytes })
const bodyFrom = (...chunks: readonly string[]) => ({
  size: null,
  chunks: Readable.from(chunks.map((chunk) => Buffer.from(chunk))),
})
const key = new Map([['KEY', { value: 'sk-live-4f9a7d2c81', hosts: ['127.0.0.1'] }]])
const keyFor = (...hosts: readonly string[]) => new Map([['KEY', { value: 'sk-live-4f9a7d2c81', hosts }]])

test('a request arrives as it was made, its answer comes back unpacked, and both are counted', async () => {
  const big = 'x'.repeat(100_000)
  const port = await aWebServer(async (request, response) => {
    const said = { method: request.method, url: request.url, headers: request.headers, body: await bodyOf(request) }
    response.writeHead(201, { 'content-encoding': 'gzip', 'x-echo': 'yes' })
    response.end(gzipSync(JSON.stringify({ ...said, big })))
  })
  const record = aRecord()
  const answer = await ask({
    url: `http://127.0.0.1:${port}/a?b=1#c`,
    method: 'POST',
    headers: [
      ['content-type', 'text/plain'],
      ['host', 'evil.test'],
      ['transfer-encoding', 'gzip'],
    ],
    body: bodyFrom('one ', 'two'),
    record,
  })
  expect(answer).toMatchObject({ status: 201, isRedirected: false })
  expect(Object.fromEntries(answer.headers)).toMatchObject({ 'x-echo': 'yes' })
  expect(Object.fromEntries(answer.headers)).not.toHaveProperty('content-encoding')
  const said: unknown = JSON.parse(await answer.text())
  expect(said).toMatchObject({
    method: 'POST',
    url: '/a?b=1',
    body: 'one two',
    big,
    headers: { host: `127.0.0.1:${port}`, 'transfer-encoding': 'chunked', 'content-type': 'text/plain' },
  })
  const [host] = record.hosts
  expect(host).toMatchObject({ host: `127.0.0.1:${port}`, requests: 1, refused: 0 })
  expect(host?.sentBytes).toBeGreaterThan(7)
  expect(host?.receivedBytes).toBeGreaterThan(100)
  expect(host?.receivedBytes).toBeLessThan(10_000)
})

test.each([
  ['an address', 'http://169.254.169.254/latest/meta-data/'],
  ['a decimal address', 'http://2130706433/'],
  ['a mapped address', 'http://[::ffff:10.0.0.1]/'],
  ['a name of this machine', 'http://localhost/'],
  ['a user name', 'http://user:pass@example.com/'],
  ['a file', 'file:///etc/passwd'],
])('a redirect to %s is refused, and counted as refused', async (_, location) => {
  const port = await aWebServer((_request, response) => void response.writeHead(302, { location }).end())
  const record = aRecord()
  await expect(
    ask({ url: `http://127.0.0.1:${port}/`, hosts: ['*', `127.0.0.1:${port}`], record, resolve: resolveLocally }),
  ).rejects.toMatchObject({ name: 'EgressDenied' })
  expect(record.hosts.reduce((sum, host) => sum + host.refused, 0)).toBe(1)
})

test('a redirect to a host that is not declared is refused, and the host is named', async () => {
  const port = await aWebServer(
    (_request, response) => void response.writeHead(307, { location: 'https://evil.test/collect' }).end(),
  )
  await expect(ask({ url: `http://127.0.0.1:${port}/` })).rejects.toMatchObject({
    message: "This agent may not reach evil.test: its manifest would need egress: ['evil.test']",
  })
})

test('redirects are followed as fetch does: methods, bodies and credentials', async () => {
  const seen: string[] = []
  const port = await aWebServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://a')
    seen.push(`${request.method} ${pathname} ${request.headers.authorization ?? '-'} ${await bodyOf(request)}`)
    const location =
      { '/303': '/end', '/307': '/end', '/other': `http://localhost:${port}/end`, '/loop': '/loop' }[pathname] ?? null
    if (location === null) response.end('done')
    else response.writeHead(pathname === '/303' ? 303 : 307, { location }).end()
  })
  const url = `http://127.0.0.1:${port}`
  const post = { method: 'POST', headers: [['authorization', 'mine'] as const] }
  for (const path of ['/303', '/307', '/other'])
    expect(await (await ask({ ...post, url: url + path, body: bodyFrom('data') })).text()).toBe('done')
  expect(seen).toEqual([
    'POST /303 mine data',
    'GET /end mine ',
    'POST /307 mine data',
    'POST /end mine data',
    'POST /other mine data',
    'POST /end - data',
  ])
  await expect(ask({ url: `${url}/loop` })).rejects.toThrow('More than 10 redirects')
  await expect(ask({ url: `${url}/307`, redirect: 'error' })).rejects.toThrow('redirect')
  expect(await ask({ url: `${url}/307`, redirect: 'manual' })).toMatchObject({ status: 307, isRedirected: false })
})

test('a secret goes into headers towards its hosts, in basic authentication too, and never comes back', async () => {
  const seen: (string | undefined)[] = []
  const port = await aWebServer((request, response) => {
    seen.push(request.headers.authorization)
    response.writeHead(200, { 'x-echo': request.headers.authorization ?? '' })
    response.end(`you sent ${request.headers.authorization}`)
  })
  const url = `http://127.0.0.1:${port}/`
  const secrets = keyFor(`127.0.0.1:${port}`)
  for (const value of ['Bearer {{secret.KEY}}', `Basic ${Buffer.from('me:{{secret.KEY}}').toString('base64')}`]) {
    const answer = await ask({ url, secrets, headers: [['authorization', value]] })
    const text = await answer.text()
    const echoed = JSON.stringify([answer.headers, text])
    expect(echoed).toContain('[secret KEY]')
    expect(echoed).not.toContain('sk-live')
    expect(echoed).not.toContain(Buffer.from('me:sk-live-4f9a7d2c81').toString('base64').slice(6, -4))
  }
  expect(seen).toEqual([
    'Bearer sk-live-4f9a7d2c81',
    `Basic ${Buffer.from('me:sk-live-4f9a7d2c81').toString('base64')}`,
  ])
})

test.each([
  ['another host', key, (port: number) => [`127.0.0.1:${port}`], 'it is set for 127.0.0.1 only'],
  ['a secret that is not set', new Map(), (port: number) => [`127.0.0.1:${port}`], 'it is not set'],
])('a secret is not sent: %s', async (_, secrets, hostsOf, why) => {
  let requests = 0
  const port = await aWebServer((_request, response) => {
    requests++
    response.end()
  })
  await expect(
    ask({
      url: `http://127.0.0.1:${port}/`,
      secrets,
      hosts: hostsOf(port),
      headers: [['x-key', '{{secret.KEY}}']],
    }),
  ).rejects.toThrow(why)
  expect(requests).toBe(0)
})

test('a redirect to another host leaves the secret behind', async () => {
  const seen: (string | string[] | undefined)[] = []
  const port = await aWebServer((request, response) => {
    seen.push(request.headers['x-key'])
    if (request.url === '/') response.writeHead(302, { location: `http://localhost:${port}/end` }).end()
    else response.end('done')
  })
  const secrets = keyFor(`127.0.0.1:${port}`)
  await ask({ url: `http://127.0.0.1:${port}/`, secrets, headers: [['x-key', '{{secret.KEY}}']] })
  expect(seen).toEqual(['sk-live-4f9a7d2c81', undefined])
})

test('a secret is not sent without encryption to a host that is not the operator’s own', async () => {
  const secrets = keyFor('example.com')
  await expect(
    ask({
      url: 'http://example.com/',
      hosts: ['example.com'],
      privateHosts: [],
      secrets,
      headers: [['x-key', '{{secret.KEY}}']],
      resolve: async () => ['93.184.215.14'],
    }),
  ).rejects.toThrow('it is sent over https only')
})

test.each([
  ['that refuses', async () => 1, 'refused'],
  ['that closes at once', () => aWebServer((request) => void request.socket.destroy()), 'broken off'],
  ['that says nothing', () => aWebServer(() => {}), 'longer than 700 ms'],
  [
    'that drips',
    () =>
      aWebServer(async (_request, response) => {
        while (!response.destroyed) {
          response.write('x')
          await pause(50)
        }
      }),
    'longer than 700 ms',
  ],
  [
    'that stops in the middle',
    () => aWebServer((_request, response) => void response.writeHead(200, { 'content-length': '10' }).write('half')),
    'sent nothing for 300 ms',
  ],
  [
    'that sends more than is taken',
    () => aWebServer((_request, response) => void response.end('x'.repeat(2_000_000))),
    'more than 1000000 bytes',
  ],
  [
    'that answers with a bomb',
    () =>
      aWebServer((_request, response) => {
        response.writeHead(200, { 'content-encoding': 'gzip' })
        const zip = createGzip()
        zip.pipe(response)
        // A gigabyte of zeros would be a megabyte on the wire.
        Readable.from(
          (function* () {
            for (let at = 0; at < 1_000; at++) yield Buffer.alloc(1_000_000)
          })(),
        ).pipe(zip)
        response.once('close', () => zip.destroy())
      }),
    'more than 1000000 bytes',
  ],
  [
    'that packs wrongly',
    () =>
      aWebServer((_request, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('no zip')),
    'packed wrongly',
  ],
  [
    'that packs in a way nobody knows',
    () => aWebServer((_request, response) => void response.writeHead(200, { 'content-encoding': 'zip9' }).end('x')),
    'not supported',
  ],
  [
    'whose headers are endless',
    () => aWebServer((_request, response) => void response.writeHead(200, { 'x-big': 'x'.repeat(70_000) }).end()),
    'more than 65536 bytes',
  ],
])('an upstream %s fails the request in time and by name', async (_, serve, why) => {
  const port = await serve()
  const answer = ask({ url: `http://127.0.0.1:${port}/`, limits: { totalMs: 700, idleMs: 300 } })
  await expect(answer.then((one) => one.text())).rejects.toThrow(why)
})

test('what a run may send and ask in all is bounded', async () => {
  const port = await aWebServer(async (request, response) => {
    await bodyOf(request)
    response.end('x'.repeat(1_000))
  })
  const url = `http://127.0.0.1:${port}/`
  const record = aRecord(3)
  for (let at = 0; at < 3; at++) await (await ask({ url, record })).text()
  await expect(ask({ url, record })).rejects.toThrow('at most 3 requests')
  await expect(ask({ url, record: aRecord(10, 800) }).then((one) => one.text())).rejects.toThrow('at most 800 bytes')
  const huge = { size: null, chunks: Readable.from([Buffer.alloc(900_000), Buffer.alloc(900_000)]) }
  await expect(ask({ url, method: 'POST', body: huge })).rejects.toThrow('more than 1000000 bytes')
})

test('an answer that is not read is not drawn in, and ends with its run', async () => {
  let taken = 0
  let isClosed = false
  const port = await aWebServer((_request, response) => {
    response.once('close', () => (isClosed = true))
    const endless = new Readable({
      read() {
        taken += 65_536
        this.push(randomBytes(65_536))
      },
    })
    endless.pipe(response)
  })
  const run = new AbortController()
  const answer = await ask({ url: `http://127.0.0.1:${port}/`, signal: run.signal })
  await answer.body?.next()
  // What fits into the sockets of both ends, and no more.
  await pause(300)
  expect(taken).toBeLessThan(20_000_000)
  run.abort()
  await eventually(() => expect(isClosed).toBe(true), { withinMs: 2_000 })
})

test('a connection goes to the address that was judged, whatever the name means by then', async () => {
  const port = await aWebServer((_request, response) => void response.end('reached'))
  const dns = await aNameServer((_, asked) => (asked === 1 ? ['192.0.2.1'] : ['127.0.0.1']))
  await expect(
    ask({
      url: `http://rebinds.test:${port}/`,
      hosts: [`rebinds.test:${port}`],
      privateHosts: [],
      resolve: createResolver([dns.address]),
    }),
  ).rejects.toMatchObject({ name: 'EgressDenied' })
  expect(dns.asked()).toBe(1)
})

test('nobody but the policy is asked where a name leads: not the system, when the connection is made', async () => {
  const port = await aWebServer((request, response) => void response.end(request.headers.host))
  // A name that no name server knows.
  const host = `only-judged.test:${port}`
  const answer = await ask({
    url: `http://${host}/`,
    hosts: [host],
    privateHosts: [host],
    resolveLocally: async () => ['127.0.0.1'],
  })
  expect(await answer.text()).toBe(host)
})
