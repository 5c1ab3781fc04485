import { IncomingMessage } from 'node:http'
import { connect, Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { beforeAll, expect, test } from 'vitest'
import { atEndOfFile } from '../../test/support/each-file.ts'
import { loadConfig } from '../platform/config.ts'
import { createLogger } from '../platform/logger.ts'
import { createBodyWatch } from './body-watch.ts'
import { createHttpApp } from './create-http-app.ts'
import { httpOptions } from './http.options.ts'

let port: number
beforeAll(async () => {
  const { http } = loadConfig(
    { http: httpOptions },
    { BUREAU_REQUEST_TIMEOUT_MS: '500', BUREAU_BODY_IDLE_MS: '1200', BUREAU_BODY_MIN_RATE: '2000' },
  )
  const app = await createHttpApp({
    config: http,
    log: createLogger('silent'),
    authentication: { install: () => {}, identify: () => null },
  })
  app.addContentTypeParser('application/octet-stream', (_req, payload, done) => done(null, payload))
  const count = async (body: unknown): Promise<{ bytes: number }> => {
    let bytes = 0
    if (typeof body === 'object' && body !== null && Symbol.asyncIterator in body)
      for await (const chunk of Object(body)) bytes += chunk.length
    return { bytes }
  }
  app.post('/long', { config: { permission: 'anyone', body: 'long' } }, (req) => count(req.body))
  app.post('/short', { config: { permission: 'anyone' } }, (req) => count(req.body))
  app.post('/busy', { config: { permission: 'anyone', body: 'long' } }, async (req) => {
    // A store that takes nothing for a while: what has come lies here, and its sender is not to blame.
    await pause(3_000)
    return count(req.body)
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const address = app.server.address()
  port = typeof address === 'object' && address !== null ? address.port : 0
  atEndOfFile(() => app.close())
}, 60_000)

test('a request whose body is here is not kept', () => {
  const bodies = createBodyWatch({
    requestTimeoutMs: 1_000,
    idleMs: 1_000,
    minBytesPerSecond: 1,
    monotonicMs: () => 0,
    onLate: () => expect.unreachable(),
  })
  const [first, second] = [new IncomingMessage(new Socket()), new IncomingMessage(new Socket())]
  bodies.add(first, 'long')
  bodies.add(second, 'short')
  bodies.done(first)
  expect(bodies.watched).toBe(1)
  bodies.stop()
})

/** Sends so many pieces, one every `everyMs`, and then nothing. @returns status line and code of the answer */
async function drip(
  path: string,
  { pieces, bytes, everyMs, missing = 0 }: { pieces: number; bytes: number; everyMs: number; missing?: number },
): Promise<string> {
  const socket: Socket = connect(port, '127.0.0.1')
  const answered = new Promise<string>((resolve) => {
    let text = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk) => {
      text += String(chunk)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
  })
  const length = pieces * bytes + missing
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/octet-stream\r\ncontent-length: ${length}\r\n\r\n`,
  )
  for (let n = 0; n < pieces && socket.writable; n += 1) {
    socket.write(Buffer.alloc(bytes, 'x'))
    await pause(everyMs)
  }
  const text = await answered
  return `${text.split(' ')[1]} ${/"code":"(\w+)"/.exec(text)?.[1] ?? text.split('\r\n\r\n')[1]}`
}

test('an upload may take longer than any other request as long as it goes on', async () => {
  expect(await drip('/long', { pieces: 30, bytes: 2_000, everyMs: 100 })).toBe('200 {"bytes":60000}')
}, 20_000)

test('one that stands still, one that trickles, and any other request that is late is ended with its reason', async () => {
  const ended = await Promise.all([
    drip('/long', { pieces: 5, bytes: 20_000, everyMs: 10, missing: 1 }),
    drip('/long', { pieces: 60, bytes: 10, everyMs: 100 }),
    drip('/short', { pieces: 60, bytes: 2_000, everyMs: 100 }),
  ])
  expect(ended).toEqual(['408 BODY_TOO_SLOW', '408 BODY_TOO_SLOW', '408 REQUEST_TIMEOUT'])
}, 20_000)

test('what the server itself has not taken yet is not held against its sender', async () => {
  expect(await drip('/busy', { pieces: 3, bytes: 1_000_000, everyMs: 1 })).toBe('200 {"bytes":3000000}')
}, 20_000)
