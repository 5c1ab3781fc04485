import { expect, test } from 'vitest'
import { loadConfig } from '../../platform/config.ts'
import { sandboxOptions } from '../sandbox.options.ts'
import { createDownloader, openDownload } from './download.ts'
import type { EgressDeps } from './egress.ts'
import { resolveLocally } from './resolve.ts'
import { aWebServer } from './testing/local-servers.ts'

const depsFor = (privateHosts: readonly string[]): EgressDeps => ({
  isOff: false,
  privateHosts,
  resolve: async () => ['93.184.215.14'],
  resolveLocally,
  limits: { connectMs: 2_000, idleMs: 2_000, totalMs: 5_000, maxResponseBytes: 1e9, maxRequestBytes: 0 },
})

test('a file is opened by its address, named and typed as its server does, and broken off when nobody reads on', async () => {
  const closed = Promise.withResolvers<void>()
  const port = await aWebServer((request, response) => {
    if (request.url === '/missing') return void response.writeHead(404).end('no')
    response.once('close', closed.resolve)
    response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8' })
    response.write('a;b\n')
  })
  const host = `127.0.0.1:${port}`
  const file = await openDownload(depsFor([host]), `http://${host}/data/my%20sales.csv?x=1`, [host])
  expect(file).toMatchObject({ name: 'my sales.csv', type: 'text/csv; charset=utf-8' })
  for await (const chunk of file.content) {
    expect(Buffer.from(chunk).toString()).toBe('a;b\n')
    break
  }
  await closed.promise
  await expect(openDownload(depsFor([host]), `http://${host}/missing`, [host])).rejects.toThrow('status 404')
})

test.each([
  ['plain http', 'http://example.com/a.csv'],
  ['this machine', 'https://127.0.0.1/a.csv'],
  ['the metadata of a cloud', 'https://169.254.169.254/latest/'],
  ['another port', 'https://example.com:8443/a.csv'],
  ['a file of this machine', 'file:///etc/passwd'],
])('%s is no address of a file', async (_, url) => {
  await expect(openDownload(depsFor([]), url)).rejects.toMatchObject({ name: 'EgressDenied' })
})

test('what the operator opened to agents is not open to the addresses that callers name', async () => {
  const config = loadConfig({ sandbox: sandboxOptions }, { BUREAU_EGRESS_PRIVATE_HOSTS: '127.0.0.1' }).sandbox
  await expect(createDownloader(config)('https://127.0.0.1/a.csv')).rejects.toMatchObject({ name: 'EgressDenied' })
})
