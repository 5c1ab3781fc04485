import { expect, test } from 'vitest'
import { isCovered, isDeclared, parseHostPattern } from './host-pattern.ts'

test.each([
  ['example.com', 'example.com', 443, true],
  ['example.com', 'example.com', 80, true],
  ['example.com', 'example.com', 8443, false],
  ['example.com', 'www.example.com', 443, false],
  ['example.com', 'notexample.com', 443, false],
  ['example.com', 'example.com.evil.test', 443, false],
  ['example.com:8443', 'example.com', 8443, true],
  ['example.com:8443', 'example.com', 443, false],
  ['*.example.com', 'a.b.example.com', 443, true],
  ['*.example.com', 'example.com', 443, false],
  ['*.example.com', '.example.com', 443, false],
  ['*.example.com', 'evilexample.com', 443, false],
  ['*', 'anything.test', 443, true],
  ['*', 'anything.test', 22, false],
])('%s declares %s at port %i: %s', (pattern, host, port, isAllowed) => {
  expect(isDeclared([pattern], host, port)).toBe(isAllowed)
})

test('a manifest that asks for less, or the same in other words, is covered; one that asks for more is not', () => {
  const known = ['*.example.com', 'api.test:8443']
  for (const asked of ['www.example.com', '*.eu.example.com', 'www.example.com:443', '*.example.com'])
    expect(isCovered(known, asked), asked).toBe(true)
  for (const asked of ['example.com', 'www.example.com:8080', 'api.test', '*', '*.com', '']) {
    expect(isCovered(known, asked), asked).toBe(false)
  }
})

test.each(['', '.', 'a..b', 'a.', '*.', '**.a', 'a.*', 'https://a', 'a/b', 'a:0', 'a:65536', 'A.test', '[::1]', 'a@b'])(
  '%j is no host pattern',
  (text) => expect(parseHostPattern(text)).toBeNull(),
)
