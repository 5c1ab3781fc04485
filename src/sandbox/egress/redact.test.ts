import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRedactor } from './redact.ts'

const VALUE = 'sk-live/4f+9a"7d\\2c81'
const redactor = createRedactor(new Map([['KEY', { value: VALUE, hosts: [] }]]))

test.each([
  ['as it is', VALUE],
  ['in a URL', encodeURIComponent(VALUE)],
  ['in JSON', JSON.stringify({ key: VALUE })],
  ['in hexadecimal', Buffer.from(VALUE).toString('hex')],
  ['in hexadecimal of capitals', Buffer.from(VALUE).toString('hex').toUpperCase()],
  ['in base64', Buffer.from(VALUE).toString('base64')],
  ['in base64 behind one byte', Buffer.from(`x${VALUE}`).toString('base64')],
  ['in base64 of basic authentication', Buffer.from(`user:${VALUE}:more`).toString('base64url')],
])('a secret %s is blotted out', (_, echoed) => {
  for (const clean of [redactor.text(`a ${echoed} b`), redactor.bytes(Buffer.from(`a ${echoed} b`)).toString()]) {
    expect(clean).toContain('[secret KEY]')
    expect(clean).not.toContain(echoed)
  }
})

test('a secret that comes in pieces is blotted out wherever it is cut, and nothing else is held back or lost', () => {
  const text = `first ${VALUE} then ${VALUE.slice(0, 9)} and ${VALUE}${VALUE}`
  const clean = text.replaceAll(VALUE, '[secret KEY]')
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 12 }), (cuts) => {
      const stream = redactor.stream()
      const edges = [0, ...cuts.sort((a, b) => a - b), text.length]
      const pieces = edges.slice(1).map((to, at) => stream.push(Buffer.from(text.slice(edges[at], to))))
      expect(Buffer.concat([...pieces, stream.end()]).toString()).toBe(clean)
    }),
  )
  expect(redactor.stream().push(Buffer.from('data: a token\n\n')).toString()).toBe('data: a token\n\n')
})
