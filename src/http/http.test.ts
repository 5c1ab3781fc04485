import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { FastifyPluginAsyncZod } from 'fastify-type-provider-zod'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { loadConfig } from '../platform/config.ts'
import { createLogger } from '../platform/logger.ts'
import { createHttpApp, type Authentication, type EndedRequest } from './create-http-app.ts'
import { docsRoutes } from './docs.routes.ts'
import { createHttpService } from './http-service.ts'
import { httpOptions } from './http.options.ts'

const log = createLogger('silent')
/** Nobody signs in here: who may call what is tested where keys are. */
const open: Authentication = { install: () => {}, identify: (req) => req.headers.authorization ?? null }
const anyone = { config: { permission: 'anyone' as const } }

const testRoutes: FastifyPluginAsyncZod = async (app) => {
  app.post(
    '/api/echo',
    {
      ...anyone,
      schema: { tags: ['operations'], body: z.object({ name: z.string(), count: z.number().int().optional() }) },
    },
    (req) => ({ name: req.body.name, raw: req.rawBody?.toString() }),
  )
  app.post(
    '/api/spliced',
    {
      config: {
        permission: 'anyone',
        openApiAnswer: z.object({ a: z.number() }),
        openApiBody: { 'application/json': z.unknown() },
      },
      schema: { tags: ['operations'] },
    },
    (_req, reply) => reply.header('content-type', 'application/json').send(Buffer.from('{"a":1}')),
  )
  app.post('/api/small', { ...anyone, bodyLimit: 100 }, () => ({ ok: true }))
  app.post('/api/bytes', anyone, (_req, reply) =>
    reply.header('content-type', 'application/json').send(Buffer.from('{"a":1}')),
  )
  app.get('/api/broken', anyone, () => {
    throw new Error('secret of the house: postgres://user:password@host')
  })
  app.get('/api/leaky', { ...anyone, schema: { response: { 200: z.object({ a: z.string() }) } } }, () => {
    const row: { a: string } = JSON.parse('{"a":"1","passwordHash":"x"}')
    return row
  })
  app.get('/api/large', anyone, () => ({ text: 'long '.repeat(1000) }))
  app.get('/api/events', anyone, (_req, reply) => {
    const lines = Array.from({ length: 100 }, (_, i) => `data: ${'x'.repeat(50)} ${i}\n\n`)
    return reply.header('content-type', 'text/event-stream').send(Readable.from(lines))
  })
  app.get('/api/ip', anyone, (req) => ({ ip: req.ip }))
}

async function anApp(env: Record<string, string> = {}, onRequestEnd?: (ended: EndedRequest) => void) {
  const { http } = loadConfig({ http: httpOptions }, env)
  const app = await createHttpApp({ config: http, log, authentication: open, ...(onRequestEnd && { onRequestEnd }) })
  await app.register(testRoutes)
  await app.register(docsRoutes)
  await app.ready()
  onTestFinished(() => app.close())
  return app
}

async function aServer(env: Record<string, string> = {}) {
  const app = await anApp(env)
  const service = createHttpService({ app, log }, { host: '127.0.0.1', port: 0, nextFree: false })
  await service.start(AbortSignal.timeout(5_000))
  onTestFinished(() => service.stop())
  return { app, service, url: `http://127.0.0.1:${service.address()?.port}` }
}

const json = { 'content-type': 'application/json' }

test.each([
  ['malformed JSON', '{"name":', 'BODY_MALFORMED', 400, { position: 8 }],
  ['an empty body', '', 'BODY_MALFORMED', 400, { position: 0 }],
  ['a deep body', `${'['.repeat(65)}${']'.repeat(65)}`, 'BODY_TOO_DEEP', 400, { limit: 64 }],
  ['a poisoned key', '{"__proto__":{}}', 'BODY_KEY_FORBIDDEN', 400, { key: '__proto__' }],
  ['a missing field', '{}', 'REQUEST_INVALID', 400, { in: 'body', fields: [{ path: '/name' }] }],
  ['a wrong type', '{"name":"x","count":1.5}', 'REQUEST_INVALID', 400, { fields: [{ path: '/count' }] }],
  ['no object at all', '7', 'REQUEST_INVALID', 400, { fields: [{ path: '' }] }],
])('%s gets a coded problem that says where', async (_what, payload, code, status, details) => {
  const { url } = await aServer()
  const answer = await fetch(`${url}/api/echo`, { method: 'POST', headers: json, body: payload })
  expect(answer.status).toBe(status)
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  const problem = await answer.json()
  expect(problem).toMatchObject({ type: `/docs/errors#${code}`, code, status, ...details })
  expect(problem).toMatchObject({
    requestId: answer.headers.get('x-request-id'),
    title: expect.any(String),
    fix: expect.any(String),
  })
})

test('an oversize body is refused, naming the limit of that route, whether its length is told or not', async () => {
  const { url } = await aServer()
  const text = JSON.stringify({ text: 'x'.repeat(200) })
  const told = await fetch(`${url}/api/small`, { method: 'POST', headers: json, body: text })
  expect(await told.json()).toMatchObject({ code: 'BODY_TOO_LARGE', status: 413, limitBytes: 100 })
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(Buffer.from(text))
      controller.close()
    },
  })
  const untold = await fetch(`${url}/api/small`, { method: 'POST', headers: json, body, duplex: 'half' })
  expect(await untold.json()).toMatchObject({ code: 'BODY_TOO_LARGE', limitBytes: 100 })
})

test('a media type that is not taken gets 415', async () => {
  const app = await anApp()
  for (const type of ['text/plain', 'application/xml', 'nonsense']) {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/echo',
      headers: { 'content-type': type },
      payload: 'x',
    })
    expect(answer.json()).toMatchObject({ code: 'MEDIA_TYPE_UNSUPPORTED', status: 415 })
  }
})

test('unknown paths and methods get our own coded 404', async () => {
  const app = await anApp()
  for (const [method, url] of [
    ['GET', '/api/nothing'],
    ['PUT', '/api/echo'],
    ['GET', '/nowhere'],
    ['GET', '/api/%zz'],
  ] as const) {
    const answer = await app.inject({ method, url })
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(['ROUTE_NOT_FOUND', 'REQUEST_INVALID']).toContain(answer.json().code)
  }
  expect((await app.inject('/api/nothing')).json()).toMatchObject({
    code: 'ROUTE_NOT_FOUND',
    path: '/api/nothing',
    method: 'GET',
  })
})

test('an address with U+0000 is refused before any route sees it', async () => {
  const app = await anApp()
  expect((await app.inject('/api/ip?q=a%00b')).json()).toMatchObject({ code: 'REQUEST_INVALID', status: 400 })
})

test('an unexpected error shows its request id and nothing of the house', async () => {
  const app = await anApp()
  const answer = await app.inject('/api/broken')
  expect(answer.json()).toMatchObject({ code: 'INTERNAL', status: 500, requestId: answer.headers['x-request-id'] })
  expect(answer.body).not.toContain('secret')
})

test('a field that no schema names does not leave the house', async () => {
  const app = await anApp()
  expect((await app.inject('/api/leaky')).json()).toEqual({ a: '1' })
})

test('the raw bytes of the body reach the route', async () => {
  const app = await anApp()
  const payload = '{ "name" : "\\u0041", "extra": [1,  2] }'
  const answer = await app.inject({ method: 'POST', url: '/api/echo', headers: json, payload })
  expect(answer.json()).toEqual({ name: 'A', raw: payload })
})

test('bytes made by a route leave as they are: no tag, no compression, no second serialisation', async () => {
  const app = await anApp()
  const answer = await app.inject({ method: 'POST', url: '/api/bytes', headers: { 'accept-encoding': 'gzip' } })
  expect(answer.body).toBe('{"a":1}')
  expect(answer.headers).not.toHaveProperty('etag')
  expect(answer.headers).not.toHaveProperty('content-encoding')
})

test.each([
  ['gzip', gunzipSync],
  ['br', brotliDecompressSync],
] as const)('an answer above 1 kB is sent as %s to who takes it', async (encoding, unpack) => {
  const app = await anApp()
  const packed = await app.inject({ url: '/api/large', headers: { 'accept-encoding': encoding } })
  expect(packed.headers['content-encoding']).toBe(encoding)
  expect(packed.rawPayload.length).toBeLessThan(500)
  expect(JSON.parse(unpack(packed.rawPayload).toString())).toEqual({ text: 'long '.repeat(1000) })
})

test('event streams are not compressed', async () => {
  const app = await anApp()
  const answer = await app.inject({ url: '/api/events', headers: { 'accept-encoding': 'gzip, br' } })
  expect(answer.headers).not.toHaveProperty('content-encoding')
})

test('a GET that has not changed answers 304, packed or plain; an error never does', async () => {
  const app = await anApp()
  const first = await app.inject({ url: '/api/large', headers: { 'accept-encoding': 'br' } })
  const tag = String(first.headers.etag)
  for (const match of [tag, `"other", ${tag}`, '*', tag.replace('W/', '')]) {
    const again = await app.inject({ url: '/api/large', headers: { 'if-none-match': match } })
    expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', tag])
  }
  expect((await app.inject({ url: '/api/large', headers: { 'if-none-match': '"other"' } })).statusCode).toBe(200)
  expect((await app.inject({ url: '/api/nothing', headers: { 'if-none-match': '*' } })).statusCode).toBe(404)
})

test('every answer carries a policy under which nothing in it can run', async () => {
  const app = await anApp({ BUREAU_URL: 'https://bureau.test' })
  for (const url of ['/api/large', '/api/nothing', '/api/broken']) {
    const { headers } = await app.inject(url)
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['strict-transport-security']).toContain('max-age')
  }
})

test('who asks too often gets 429 with the time to wait, each key and each address for itself', async () => {
  const app = await anApp({ BUREAU_RATE_PRINCIPAL: '2', BUREAU_RATE_ADDRESS: '5' })
  const ask = (authorization?: string, remoteAddress = '192.0.2.1') =>
    app.inject({ url: '/api/ip', remoteAddress, headers: authorization === undefined ? {} : { authorization } })
  expect((await ask('a')).statusCode).toBe(200)
  expect((await ask('a')).statusCode).toBe(200)
  const refused = await ask('a')
  expect(refused.json()).toMatchObject({ code: 'RATE_LIMITED', status: 429, per: 'key or user', limit: 2 })
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
  expect((await ask('b')).statusCode).toBe(200)
  await ask()
  expect((await ask()).json()).toMatchObject({ code: 'RATE_LIMITED', per: 'address', limit: 5 })
  expect((await ask(undefined, '192.0.2.2')).statusCode).toBe(200)
})

test('X-Forwarded-For is believed from trusted proxies only', async () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.9' }
  const ask = async (app: Awaited<ReturnType<typeof anApp>>, remoteAddress: string) =>
    (await app.inject({ url: '/api/ip', headers: forwarded, remoteAddress })).json().ip
  expect(await ask(await anApp(), '10.0.0.1')).toBe('10.0.0.1')
  const behind = await anApp({ BUREAU_TRUSTED_PROXIES: '10.0.0.0/8' })
  expect(await ask(behind, '10.0.0.1')).toBe('203.0.113.9')
  expect(await ask(behind, '192.0.2.1')).toBe('192.0.2.1')
})

test('bytes that are no HTTP get a coded answer on the socket', async () => {
  const { service } = await aServer()
  const port = service.address()?.port ?? 0
  const ask = async (bytes: string): Promise<string> => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => (answer += String(chunk)))
    socket.write(bytes)
    await once(socket, 'close')
    return answer
  }
  expect(await ask('NONSENSE\r\n\r\n')).toContain('"code":"REQUEST_INVALID"')
  expect(await ask(`GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toContain(
    '"code":"HEADERS_TOO_LARGE"',
  )
})

test('a drain finishes what was begun, refuses what is new, and lets the connection go', async () => {
  const { app, service, url } = await aServer()
  let release = (): void => {}
  const gate = new Promise<void>((resolve) => (release = resolve))
  let entered = (): void => {}
  const inside = new Promise<void>((resolve) => (entered = resolve))
  const slow = fetch(`${url}/api/echo`, {
    method: 'POST',
    headers: json,
    duplex: 'half',
    body: new ReadableStream({
      async start(controller) {
        controller.enqueue(Buffer.from('{"name":'))
        entered()
        await gate
        controller.enqueue(Buffer.from('"slow"}'))
        controller.close()
      },
    }),
  })
  await inside
  await new Promise<void>((resolve) => {
    const look = (): void => (app.drain.inFlight > 0 ? resolve() : void setImmediate(look))
    look()
  })
  const drained = service.drain?.(5_000)
  const refused = await fetch(`${url}/api/ip`)
  expect([refused.status, refused.headers.get('connection')]).toEqual([503, 'close'])
  expect(await refused.json()).toMatchObject({ code: 'SHUTTING_DOWN' })
  release()
  expect((await slow).status).toBe(200)
  await drained
  expect(app.drain.inFlight).toBe(0)
  await service.stop()
  await expect(fetch(url)).rejects.toThrow()
})

test('a client that vanishes is an end too', async () => {
  const ended: EndedRequest[] = []
  const app = await anApp({}, (one) => ended.push(one))
  const service = createHttpService({ app, log }, { host: '127.0.0.1', port: 0, nextFree: false })
  await service.start(AbortSignal.timeout(5_000))
  onTestFinished(() => service.stop())
  const socket = connect(service.address()?.port ?? 0, '127.0.0.1')
  socket.write('POST /api/echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{')
  await new Promise<void>((resolve) => {
    const look = (): void => (app.drain.inFlight > 0 ? resolve() : void setImmediate(look))
    look()
  })
  socket.destroy()
  await service.drain?.(5_000)
  expect(app.drain.inFlight).toBe(0)
  expect(ended).toMatchObject([{ method: 'POST', route: '/api/echo' }])
})

test('a taken port moves on to the next only where that was allowed', async () => {
  const first = await aServer()
  const port = first.service.address()?.port ?? 0
  const second = await anApp()
  const strict = createHttpService({ app: second, log }, { host: '127.0.0.1', port, nextFree: false })
  await expect(strict.start(AbortSignal.timeout(5_000))).rejects.toThrow('EADDRINUSE')
  const loose = createHttpService({ app: await anApp(), log }, { host: '127.0.0.1', port, nextFree: true })
  await loose.start(AbortSignal.timeout(5_000))
  onTestFinished(() => loose.stop())
  expect(loose.address()?.port).toBeGreaterThan(port)
})

test('the OpenAPI document names each documented route, its body and how errors look', async () => {
  const app = await anApp()
  const document = (await app.inject('/api/openapi.json')).json()
  expect(document.openapi).toBe('3.1.0')
  expect(Object.keys(document.paths)).toEqual(['/api/echo', '/api/spliced'])
  const spliced = document.paths['/api/spliced'].post
  expect(Object.keys(spliced.requestBody.content)).toEqual(['application/json'])
  expect(spliced.responses['200'].content['application/json'].schema.properties).toEqual({ a: { type: 'number' } })
  const operation = document.paths['/api/echo'].post
  expect(operation.operationId).toBe('postEcho')
  expect(operation.requestBody.content['application/json'].schema.required).toEqual(['name'])
  expect(operation.responses['4XX'].content['application/problem+json'].schema.required).toContain('code')
})

test('the reference and the list of codes come from this server alone', async () => {
  const app = await anApp()
  const reference = await app.inject('/docs')
  const policy = String(reference.headers['content-security-policy'])
  expect(policy).not.toMatch(/script-src[^;]*unsafe-inline|https?:/)
  expect(reference.body.match(/https?:\/\//)).toBeNull()
  // Nor does it offer to hand this API to its maker's services, and one comes back from it to the site.
  expect(reference.body).toContain('"showDeveloperTools":"never"')
  expect(reference.body).toContain('<a href="/">')
  expect((await app.inject('/docs/reference.js')).body.length).toBeGreaterThan(1_000_000)
  const errors = await app.inject('/docs/errors')
  expect(errors.body).toContain('id="ROUTE_NOT_FOUND"')
  expect(errors.body).not.toContain('<script')
  // The package is 4 MB of text, loaded when somebody first asks.
}, 30_000)
