import fc from 'fast-check'
import { expect, test } from 'vitest'
import { problemsOf, rawOfTyped, sendableInput, typedOf, withoutSecrets, withValue } from './form-values.ts'
import { joinObject, splitObject } from './json-text.ts'
import { fieldsOf, type Field } from './schema-fields.ts'

const SCHEMA = {
  type: 'object',
  required: ['csv', 'rows', 'name', 'nested'],
  properties: {
    csv: { type: 'string', format: 'bureau-file', 'x-accept': ['text/csv'], 'x-max-bytes': 10 },
    rows: { type: 'integer', minimum: 1, maximum: 9_007_199_254_740_991 },
    name: { type: 'string', minLength: 1, maxLength: 5 },
    delimiter: { type: 'string', enum: [',', '\t'] },
    header: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    token: { type: 'string', format: 'password' },
    sample: { type: 'number', default: 1000 },
    nested: { type: 'object', properties: { a: { type: 'number' } } },
  },
}
const { fields } = fieldsOf(SCHEMA)
const field = (name: string): Field => {
  const found = fields.find((each) => each.name === name)
  if (found === undefined) throw new Error(name)
  return found
}

test('a schema becomes fields of the simplest kind that can hold its values', () => {
  expect(fields.map(({ name, kind, isRequired }) => [name, kind, isRequired])).toEqual([
    ['csv', 'file', true],
    ['rows', 'number', true],
    ['name', 'text', true],
    ['delimiter', 'choice', false],
    ['header', 'boolean', false],
    ['tags', 'list', false],
    ['token', 'secret', false],
    ['sample', 'number', false],
    ['nested', 'json', true],
  ])
  expect(field('rows')).toMatchObject({ isWhole: true, min: 1, max: null })
  expect(field('delimiter')).toMatchObject({
    choices: [
      { raw: '","', label: ', (comma)' },
      { raw: '"\\t"', label: 'Tab' },
    ],
  })
})

test.for([null, true, { anyOf: [] }, { type: 'string' }, { properties: {} }, { properties: 3 }, []])(
  'a schema of no named members is typed as JSON: %j',
  (schema) => {
    expect(fieldsOf(schema)).toEqual({ fields: [], isJsonOnly: true })
  },
)

test('a value that nobody touched keeps every character on the way from JSON to the form and back', () => {
  const text = '{"big": 12345678901234567890, "one": 1.0, "e": 1e3, "s": "a\\u0041", "deep": {"a": [1.50, {"b": "}"}]}}'
  const split = splitObject(text)
  if (!split.ok) throw new Error(split.message)
  const after = joinObject(withValue(split.members, 'new', '2'))
  for (const kept of ['12345678901234567890', '1.0', '1e3', '"a\\u0041"', '{"a": [1.50, {"b": "}"}]}'])
    expect(after).toContain(kept)
})

test('any object is split into its members and joined to the same object', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 2), (object, indent) => {
      const text = JSON.stringify(object, null, indent)
      const split = splitObject(text)
      if (!split.ok) throw new Error(split.message)
      expect(JSON.parse(joinObject(split.members))).toEqual(JSON.parse(text))
      const again = splitObject(joinObject(split.members))
      expect(again).toEqual(split)
    }),
  )
})

test('what is typed comes back as it was typed, also where it is no number yet', () => {
  for (const typed of ['12', '-0.5', '1e', 'abc', '12345678901234567890'])
    expect(typedOf(field('rows'), rawOfTyped(field('rows'), typed))).toBe(typed)
  expect(rawOfTyped(field('tags'), 'a\nb')).toBe('["a", "b"]')
  expect(typedOf(field('tags'), '["a", "b"]')).toBe('a\nb')
  expect(rawOfTyped(field('name'), '')).toBeUndefined()
})

test('each field says what is wrong beside it, in the order of the form', () => {
  const values = [
    ['csv', '"12345678901"'],
    ['rows', '0'],
    ['name', '"too long"'],
    ['delimiter', '";"'],
    ['nested', '{'],
  ] as const
  expect([...problemsOf(fields, values)]).toEqual([
    ['csv', 'At most 10 bytes; this has 11 bytes'],
    ['rows', 'Has to be at least 1'],
    ['name', 'Has to have at most 5 characters; these are 8'],
    ['delimiter', 'Choose one from the list'],
    ['nested', 'This is not valid JSON yet'],
  ])
  expect([...problemsOf(fields, [])].map(([name]) => name)).toEqual(['csv', 'rows', 'name', 'nested'])
})

test('a secret is in nothing that is kept', () => {
  expect(
    withoutSecrets(fields, [
      ['token', '"hunter2"'],
      ['rows', '1'],
    ]),
  ).toEqual([['rows', '1']])
})

test('text that is no JSON says where', () => {
  expect(splitObject('{\n "a": 1,\n "b" 2\n}')).toMatchObject({ ok: false, line: 3 })
  expect(splitObject('[1]')).toMatchObject({ ok: false, message: 'The input has to be an object: { … }' })
  expect(splitObject(' ')).toMatchObject({ ok: false })
})

test('the input of a run is sent again with its files named as the API takes them', () => {
  const file = { $file: 'csv', uploadId: 'u1', name: 'a.csv', type: 'text/csv', sizeBytes: 3 }
  expect(sendableInput({ csv: file, more: [file, 1], plain: { uploadId: 'x' } })).toEqual({
    csv: { $upload: 'u1' },
    more: [{ $upload: 'u1' }, 1],
    plain: { uploadId: 'x' },
  })
})
