import { Readable } from 'node:stream'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { readRange, sendArtifact } from './send-artifact.ts'

test.each([
  [undefined, null],
  ['bytes=0-', { start: 0, end: 10 }],
  ['bytes=2-4', { start: 2, end: 5 }],
  ['bytes=2-400', { start: 2, end: 10 }],
  ['bytes=-3', { start: 7, end: 10 }],
  ['bytes=-30', { start: 0, end: 10 }],
  ['bytes=-0', 'outside'],
  ['bytes=10-', 'outside'],
  ['bytes=5-4', null],
  ['bytes=0-1,4-5', null],
  ['items=0-1', null],
  ['bytes=-', null],
])('of ten bytes the range %s', (header, range) => {
  expect(readRange(header, 10)).toEqual(range)
})

test.each([
  ['page.html', 'text/html', 'text/html'],
  ['picture.svg', 'image/svg+xml', 'image/svg+xml'],
  ['a".svg', 'text/html\r\nset-cookie: a=b', 'application/octet-stream'],
  ['x\r\nset-cookie: a=b', 'text/html, text/plain', 'application/octet-stream'],
])('an artifact %j of type %j is a download that no browser shows or runs', async (name, type, told) => {
  const app = Fastify()
  const body = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
  const read = () => Readable.from([Buffer.from(body)])
  app.get('/a', (_, reply) => sendArtifact(reply, name, { type, sizeBytes: body.length, read }, undefined))
  const { headers, statusCode } = await app.inject('/a')
  expect(statusCode).toBe(200)
  expect(headers['content-disposition']).toMatch(/^attachment; filename\*=UTF-8''[\w.%-]+$/)
  expect(headers['content-security-policy']).toBe("sandbox; default-src 'none'")
  expect(headers).toMatchObject({ 'content-type': told, 'x-content-type-options': 'nosniff' })
  expect(headers).not.toHaveProperty('set-cookie')
  await app.close()
})
