import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { anS3, aWatchedS3 } from '../../test/support/s3.ts'
import { createLogger } from '../platform/logger.ts'
import { createS3Store } from './s3-store.ts'
import { storeKeepsItsPromises } from './store-contract.ts'

const log = createLogger('silent')
const keys = { region: 'us-east-1', accessKeyId: 'test', secretAccessKey: 'test' } as const

// The server of these tests does not know If-None-Match (measured); AWS S3 and MinIO do.
storeKeepsItsPromises({ conditionalWrites: false }, async () => createS3Store(await anS3(), { log }))

test('a bucket that does not exist fails the start with STORE_UNAVAILABLE', async () => {
  const store = createS3Store({ ...(await anS3()), bucket: 'never-made' }, { log })
  await expect(store.start(new AbortController().signal)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await store.stop()
})

test('a store that answers 503 twice and then works is asked again until it works', async () => {
  let asked = 0
  const flaky = createServer((_, answer) => {
    asked += 1
    if (asked <= 2) answer.writeHead(503).end()
    else answer.writeHead(200, { 'content-type': 'text/plain' }).end('at last')
  })
  await new Promise<void>((resolve) => flaky.listen(0, '127.0.0.1', resolve))
  const { port } = addressOf(flaky.address())
  const store = createS3Store({ bucket: 'b', endpoint: `http://127.0.0.1:${port}`, ...keys }, { log })
  expect(Buffer.from(await store.get('key')).toString()).toBe('at last')
  expect(asked).toBe(3)
  await store.stop()
  await new Promise((resolve) => flaky.close(resolve))
})

test('a store that is down is STORE_UNAVAILABLE, and soon no longer asked', async () => {
  let asked = 0
  const down = createServer((request) => {
    asked += 1
    request.socket.destroy()
  })
  await new Promise<void>((resolve) => down.listen(0, '127.0.0.1', resolve))
  const { port } = addressOf(down.address())
  const store = createS3Store({ bucket: 'b', endpoint: `http://127.0.0.1:${port}`, ...keys }, { log })
  for (let i = 0; i < 3; i += 1) await expect(store.get('key')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  const askedSoFar = asked
  expect(askedSoFar).toBeGreaterThan(0)
  await expect(store.get('key')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(asked).toBe(askedSoFar)
  await store.stop()
  await new Promise((resolve) => down.close(resolve))
})

test('a large object goes over in parts, so that no request of it is large, and is the same to the last bit', async () => {
  const s3 = await aWatchedS3()
  const store = createS3Store(s3, { log })
  const bytes = randomBytes(20_000_001)
  async function* content(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += 700_000) yield bytes.subarray(at, at + 700_000)
  }
  for (const [key, given] of [
    ['streamed', content()],
    ['whole', bytes],
  ] as const) {
    const stored = await store.put(key, given, { contentType: 'text/plain' })
    expect(stored.sizeBytes).toBe(bytes.length)
    expect(bytes.equals(await store.get(key))).toBe(true)
    expect(await store.put(key, bytes, { contentType: 'text/plain' })).toEqual(stored)
  }
  expect(Math.max(...s3.asked.map((one) => one.bytes))).toBe(8_388_608)
  await expect(store.put('whole', randomBytes(9_000_000), { contentType: 'text/plain' })).rejects.toMatchObject({
    code: 'FILE_EXISTS',
  })
  expect(s3.unfinished.size).toBe(0)
  await store.stop()
})

test('of an object that cannot be written whole nothing stays; what a dead process began is dropped a day later', async () => {
  const s3 = await aWatchedS3()
  const store = createS3Store(s3, { log })
  const put = (key: string, by = store) => by.put(key, randomBytes(10_000_000), { contentType: 'text/plain' })
  s3.refuse(/partNumber=2/)
  await expect(put('refused')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(s3.unfinished.size).toBe(0)
  // The process dies: neither the part nor the end of it is sent.
  s3.refuse(/partNumber=2|^DELETE/)
  await expect(put('dead')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  s3.refuse(null)
  const [left] = s3.unfinished.values()
  expect(left?.key).toBe('dead')
  const restarted = createS3Store(s3, { log })
  await restarted.start(new AbortController().signal)
  expect(s3.unfinished.size).toBe(1)
  if (left !== undefined) left.initiated = new Date(Date.now() - 90_000_000)
  await restarted.start(new AbortController().signal)
  expect(s3.unfinished.size).toBe(0)
  // One that died while this process goes on for months.
  s3.refuse(/partNumber=2|^DELETE/)
  const other = createS3Store(s3, { log })
  await expect(put('later', other)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  s3.refuse(null)
  expect(await restarted.dropLeftovers()).toBe(0)
  expect(s3.unfinished.size).toBe(1)
  for (const upload of s3.unfinished.values()) upload.initiated = new Date(Date.now() - 90_000_000)
  expect(await restarted.dropLeftovers()).toBe(1)
  expect(s3.unfinished.size).toBe(0)
  await Promise.all([store.stop(), restarted.stop(), other.stop()])
})

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('not a TCP server')
  return address
}
