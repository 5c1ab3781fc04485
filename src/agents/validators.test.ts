import { expect, test } from 'vitest'
import { compileSchema } from './validators.ts'

const object = (properties: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...more,
})

test('each faulty field is named with what is wrong', () => {
  const check = compileSchema(
    object({ n: { type: 'integer' }, s: { type: 'string', minLength: 2 } }, { required: ['n', 'name'] }),
    'input',
  )
  expect(check({ n: 'x', s: 'a', extra: 1 })).toEqual([
    { path: '/name', message: 'is required' },
    { path: '/extra', message: 'is not a field of this agent' },
    { path: '/n', message: 'must be integer' },
    { path: '/s', message: 'must NOT have fewer than 2 characters' },
  ])
  expect(check({ n: 1, name: 2 })).toEqual([{ path: '/name', message: 'is not a field of this agent' }])
})

test('at most 20 problems are told, and only one of a huge input', () => {
  const check = compileSchema({ type: 'array', items: { type: 'integer' } }, 'input')
  expect(check(Array.from({ length: 100 }, () => 'x'))).toHaveLength(20)
  expect(check(Array.from({ length: 100_000 }, () => 'x'))).toHaveLength(1)
})

test('two patterns of one schema are two patterns', () => {
  const check = compileSchema(
    object({ a: { type: 'string', pattern: '^a+$' }, b: { type: 'string', pattern: '^b+$' } }),
    'input',
  )
  expect(check({ a: 'aa', b: 'bb' })).toBeNull()
  expect(check({ a: 'bb', b: 'aa' })?.map((problem) => problem.path)).toEqual(['/a', '/b'])
})

test('a pattern that would stall a backtracking engine is checked in no time', () => {
  const check = compileSchema(object({ a: { type: 'string', pattern: '^(a+)+$' } }), 'input')
  const from = performance.now()
  expect(check({ a: `${'a'.repeat(19_000)}!` })).toHaveLength(1)
  expect(performance.now() - from).toBeLessThan(2_000)
})

test('a pattern that the linear engine does not know is left to the agent itself', () => {
  const check = compileSchema(object({ a: { type: 'string', pattern: String.raw`^(?!x)\w+$` } }), 'input')
  expect(check({ a: 'xyz' })).toBeNull()
  expect(check({ a: 1 })).toHaveLength(1)
})

test('a file input is text of at most 256 kB, or a file that came with the request', () => {
  const check = compileSchema(object({ f: { type: 'string', format: 'bureau-file' } }), 'input')
  expect(check({ f: 'text' })).toBeNull()
  expect(check({ f: 'x'.repeat(262_145) })).toHaveLength(1)
  expect(check({ f: { $file: 'f' } }, new Set(['f']))).toBeNull()
  expect(check({ f: { $file: 'other' } }, new Set(['f']))).toHaveLength(1)
  expect(check({ f: { $base64: 'AAECAw==', name: 'a.png', type: 'image/png' } })).toBeNull()
  expect(check({ f: { $base64: 'A'.repeat(262_144) } })).toBeNull()
  expect(check({ f: { $base64: 'A'.repeat(262_148) } })).toHaveLength(1)
  expect(check({ f: { $base64: 'no base64' } })).toHaveLength(1)
  expect(check({ f: { $base64: '', $file: 'f' } }, new Set(['f']))).toHaveLength(1)
  expect(check({ f: 7 })).toHaveLength(1)
})

test.each([
  [{ $ref: 'https://example.com/schema.json' }, /only point inside/],
  [{ $ref: 'file:///etc/passwd' }, /only point inside/],
  [{ $async: true }, /\$async/],
  [{ type: 'no-such-type' }, /type/],
])('the schema %j is refused at deployment', (schema, problem) => {
  expect(() => compileSchema(schema, 'input')).toThrow(
    expect.objectContaining({ code: 'AGENT_SCHEMA_INVALID', fix: expect.stringMatching(problem) }),
  )
})

test('a property named __proto__ is a property and changes nothing else', () => {
  const schema = {
    type: 'object',
    properties: JSON.parse('{"__proto__":{"type":"integer"}}'),
    additionalProperties: false,
  }
  const check = compileSchema(schema, 'input')
  expect(check(JSON.parse('{"__proto__":"x"}'))).not.toBeNull()
  expect(check({})).toBeNull()
  expect({}).not.toHaveProperty('polluted')
})

test('two strangers may give their schemas one id', () => {
  const schema = { $id: 'https://example.com/same', type: 'integer' }
  expect(compileSchema(schema, 'input')(1)).toBeNull()
  expect(compileSchema({ ...schema, type: 'string' }, 'input')('x')).toBeNull()
})
