import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../platform/config.ts'
import { createLogger } from '../platform/logger.ts'
import { createHttpApp, type Authentication, type EndedRequest } from './create-http-app.ts'
import type { ReadyAnswer } from './first-answers.ts'
import { createHttpService } from './http-service.ts'
import { httpOptions } from './http.options.ts'

const log = createLogger('silent')
const nobody: Authentication = { install: () => {}, identify: () => null }
const ready: ReadyAnswer = {
  status: 200,
  headers: { 'content-type': 'text/html', 'content-security-policy': "default-src 'self'" },
  body: Buffer.from('<p>ready</p>'),
  route: '/*',
}

/** A server where `/ready` is ready, and everything is known to the framework as well. */
async function aServer(env: Readonly<Record<string, string>> = {}) {
  const { http } = loadConfig({ http: httpOptions }, env)
  const ended: EndedRequest[] = []
  const app = await createHttpApp({
    config: http,
    log,
    authentication: nobody,
    onRequestEnd: (request) => void ended.push(request),
  })
  app.get('/*', { config: { permission: 'anyone' } }, () => 'from the framework')
  app.answerFirst((req) => (req.url === '/ready' ? ready : null))
  const service = createHttpService({ app, log }, { host: '127.0.0.1', port: 0, nextFree: false })
  await service.start(AbortSignal.timeout(5_000))
  onTestFinished(() => service.stop())
  const url = `http://127.0.0.1:${service.address()?.port ?? 0}`
  return { app, ended, url, get: (path: string, init?: RequestInit) => fetch(url + path, init) }
}

test('what is ready is answered with everything that every answer has', async () => {
  const { get, ended } = await aServer({ BUREAU_URL: 'https://bureau.example' })
  const [first, second] = [await get('/ready'), await get('/ready')]
  expect(await first.text()).toBe('<p>ready</p>')
  expect(Object.fromEntries(first.headers)).toMatchObject({
    'content-security-policy': "default-src 'self'",
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
    'strict-transport-security': 'max-age=31536000; includeSubDomains',
    'content-length': '12',
  })
  expect(first.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/)
  expect(first.headers.get('x-request-id')).not.toBe(second.headers.get('x-request-id'))
  await expect
    .poll(() => ended)
    .toMatchObject([
      { method: 'GET', route: '/*', status: 200 },
      { method: 'GET', route: '/*', status: 200 },
    ])
})

test('what is not ready, and everything but GET, goes to the framework', async () => {
  const { get } = await aServer()
  expect(await (await get('/other')).text()).toBe('from the framework')
  expect((await get('/ready', { method: 'HEAD' })).headers.get('content-security-policy')).toContain("'none'")
  expect((await get('/ready', { method: 'POST' })).status).toBe(404)
})

test('a body that is announced and does not come is watched, also where the answer is ready', async () => {
  const { url } = await aServer({ BUREAU_REQUEST_TIMEOUT_MS: '1000' })
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  onTestFinished(() => void socket.destroy())
  socket.write(`GET /ready HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 2\r\n\r\n`)
  const answer = await text(socket)
  expect(answer).not.toContain('<p>ready</p>')
})

test('an address that asks too often is told so, also for what is ready', async () => {
  const { get } = await aServer({ BUREAU_RATE_ADDRESS: '3' })
  const statuses: number[] = []
  for (let n = 0; n < 5; n++) statuses.push((await get('/ready')).status)
  expect(statuses.slice(0, 3)).toEqual([200, 200, 200])
  expect(statuses.at(-1)).toBe(429)
})

test('a process that ends refuses it as everything else, and waits for what is on its way', async () => {
  const { app, get } = await aServer()
  expect((await get('/ready')).status).toBe(200)
  await expect.poll(() => app.drain.inFlight).toBe(0)
  app.drain.isDraining = true
  expect((await get('/ready')).status).toBe(503)
})

test('behind a proxy the address that counts is the one it names', async () => {
  const { get } = await aServer({ BUREAU_TRUSTED_PROXIES: '127.0.0.1', BUREAU_RATE_ADDRESS: '1' })
  const as = (address: string) => get('/ready', { headers: { 'x-forwarded-for': address } })
  expect((await as('192.0.2.1')).status).toBe(200)
  expect((await as('192.0.2.2')).status).toBe(200)
  expect((await as('192.0.2.1')).status).toBe(429)
})
