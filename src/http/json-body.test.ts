import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonDepth, MAX_JSON_DEPTH, parseJsonBody } from './json-body.ts'
import { findJsonFault } from './json-fault.ts'

const parse = (text: string) => parseJsonBody(Buffer.from(text))
const codeOf = (work: () => unknown): unknown => {
  try {
    work()
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error
  }
  return 'accepted'
}

test('whatever is JSON and not too deep is taken as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
      const text = JSON.stringify(value)
      if (text.includes('__proto__')) return
      expect(parse(text)).toEqual(JSON.parse(text))
    }),
  )
})

test('the deepest nesting taken is 64, of arrays and of objects, whatever strings contain', () => {
  const arrays = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  const objects = (depth: number) => '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)
  expect(codeOf(() => parse(arrays(MAX_JSON_DEPTH)))).toBe('accepted')
  expect(codeOf(() => parse(objects(MAX_JSON_DEPTH)))).toBe('accepted')
  expect(codeOf(() => parse(arrays(MAX_JSON_DEPTH + 1)))).toBe('BODY_TOO_DEEP')
  expect(codeOf(() => parse(objects(MAX_JSON_DEPTH + 1)))).toBe('BODY_TOO_DEEP')
  expect(codeOf(() => parse('['.repeat(1_000_000)))).toBe('BODY_TOO_DEEP')
  expect(parse(JSON.stringify(`${'['.repeat(100)}\\"${'{'.repeat(100)}\\`))).toHaveLength(203)
})

test('depth is that of the parsed value', () => {
  const depthOf = (value: unknown): number =>
    typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 12 }), (value) => {
      const text = JSON.stringify(value)
      expect(jsonDepth(Buffer.from(text))).toBe(depthOf(JSON.parse(text)))
    }),
  )
})

test.each([
  ['', 0],
  ['{"a":}', 5],
  ['{"a":1,}', 7],
  ['[1 2]', 3],
  ['{"a":1}}', 7],
  ['"open', 5],
  ['"line\nbreak"', 5],
  ['nul', 0],
  ['{"ä":tru}', 6],
  ['01', 1],
  ["{'a':1}", 1],
  ['[1,', 3],
])('%j is refused, naming byte %i', (text, position) => {
  expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'BODY_MALFORMED', details: { position } }))
})

test('a text has a fault exactly where JSON.parse refuses it, and never beyond its end', () => {
  const pieces = fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '1', '-', 'true', 'nul', ' ', '"', '\\', '0.5e3')
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
      const text = parts.join('')
      let isJson = true
      try {
        JSON.parse(text)
      } catch {
        isJson = false
      }
      const fault = findJsonFault(text)
      expect(fault).toBeLessThanOrEqual(text.length)
      if (isJson) {
        expect(fault).toBe(text.length)
        return
      }
      // Everything before the fault is the beginning of some JSON text: walking it alone meets nothing but its end.
      expect(findJsonFault(text.slice(0, fault))).toBe(fault)
    }),
    { numRuns: 2_000 },
  )
})

test('bytes that are not UTF-8 are refused where they stand', () => {
  const bytes = Buffer.concat([Buffer.from('{"a":"ä'), Buffer.from([0xff]), Buffer.from('"}')])
  expect(() => parseJsonBody(bytes)).toThrow(expect.objectContaining({ code: 'BODY_MALFORMED' }))
})

test('__proto__ as a key is refused, in escapes too; as a value it is text', () => {
  expect(codeOf(() => parse('{"__proto__":{"isAdmin":true}}'))).toBe('BODY_KEY_FORBIDDEN')
  expect(codeOf(() => parse('[{"a":{"\\u005f_proto_\\u005F":1}}]'))).toBe('BODY_KEY_FORBIDDEN')
  expect(parse('{"a":"__proto__"}')).toEqual({ a: '__proto__' })
})
