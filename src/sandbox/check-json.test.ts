import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkJson } from './check-json.ts'

const check = (text: string, maxDepth = 64) => checkJson(Buffer.from(text), maxDepth)

test('whatever JSON.stringify writes is accepted', () => {
  fc.assert(fc.property(fc.jsonValue({ depthSize: 'large' }), (value) => check(JSON.stringify(value), 1_000).ok))
})

test('texts near JSON are accepted exactly when JSON.parse accepts them', () => {
  const piece = fc.constantFrom(
    ...'{}[],:"\\ \n\t0123456789.eE+-'.split(''),
    'true',
    'false',
    'null',
    '\\u00e9',
    '"a"',
    'é',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = pieces.join('')
      expect(check(text, 1_000).ok, text).toBe(parses(text))
    }),
    { numRuns: 20_000 },
  )
})

test('a valid document with one byte changed is accepted exactly when JSON.parse accepts it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), fc.integer({ min: 1, max: 127 }), (value, at, byte) => {
      const bytes = Buffer.from(JSON.stringify(value))
      bytes[at % bytes.length] = byte
      const text = bytes.toString('utf8')
      const isText = Buffer.from(text).equals(bytes)
      expect(checkJson(bytes, 1_000).ok, text).toBe(isText && parses(text))
    }),
    { numRuns: 5_000 },
  )
})

test('nesting is counted on the bytes: 64 levels pass, 65 do not, 200 000 do not overflow anything', () => {
  const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
  expect(check(nested(64)).ok).toBe(true)
  expect(check(nested(65))).toEqual({ ok: false, problem: 'depth', at: 64 })
  expect(check(nested(200_000))).toEqual({ ok: false, problem: 'depth', at: 64 })
  expect(check('{"a":'.repeat(65) + '1' + '}'.repeat(65))).toMatchObject({ problem: 'depth' })
  expect(check('[[],[],{"a":[]}]', 3).ok).toBe(true)
})

test('bytes that are not UTF-8 are refused, also inside strings', () => {
  expect(checkJson(Buffer.from([0x22, 0xff, 0x22]), 64)).toMatchObject({ problem: 'encoding' })
})

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
