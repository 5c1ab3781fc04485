import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { anS3 } from '../../test/support/s3.ts'
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
  const store = createS3Store({ bucket: 'b', endpoint: 'http://127.0.0.1:9', ...keys }, { log })
  for (let i = 0; i < 3; i += 1) await expect(store.get('key')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  const from = performance.now()
  await expect(store.get('key')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(performance.now() - from).toBeLessThan(50)
  await store.stop()
})

function addressOf(address: AddressInfo | string | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new Error('not a TCP server')
  return address
}
