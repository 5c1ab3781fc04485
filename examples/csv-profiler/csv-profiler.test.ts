import fc from 'fast-check'
import { expect, test } from 'vitest'
import { classifyValue } from './classify-value.ts'
import { profileCsv, type CsvProfile } from './profile-csv.ts'
import { quantile } from './quantile.ts'
import { createCsvReader, detectDelimiter, detectHeader } from './read-csv.ts'

async function* piecesOf(text: string, size: number): AsyncGenerator<string> {
  for (let i = 0; i < text.length; i += size) yield text.slice(i, i + size)
}

const profile = (text: string, size = 7): Promise<CsvProfile> =>
  profileCsv(piecesOf(text, size), {
    delimiter: null,
    hasHeader: null,
    limits: { maxDistinct: 1_000, maxNumbers: 1_000 },
  })

function read(text: string, delimiter = ',', size = 3): string[][] {
  const reader = createCsvReader(delimiter)
  const rows: string[][] = []
  for (let i = 0; i < text.length; i += size) rows.push(...reader.push(text.slice(i, i + size)))
  return [...rows, ...reader.end()]
}

test('quoted fields keep delimiters, line breaks and doubled quotes, wherever the stream is cut', () => {
  const text = 'a,"b, ""c""\r\nd",e\r\n1,,"3"\n'
  for (const size of [1, 2, 3, 5, 100])
    expect(read(text, ',', size)).toEqual([
      ['a', 'b, "c"\r\nd', 'e'],
      ['1', '', '3'],
    ])
})

test('any table that is written as CSV is read back as it was', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'ß'), maxLength: 6 })
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(table, fc.integer({ min: 1, max: 9 }), (rows, size) => {
      const text = rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')).join('\r\n')
      expect(read(text, ',', size)).toEqual(rows)
    }),
  )
})

test('line ends of all three kinds end a row, blank lines are no rows', () => {
  expect(read('a,b\r\nc,d\re,f\n\n\ng,h')).toEqual([
    ['a', 'b'],
    ['c', 'd'],
    ['e', 'f'],
    ['g', 'h'],
  ])
})

test.each([
  ['a,b,c\n1,2,3\n', ','],
  ['a;b\n1,5;2\n3,5;4\n', ';'],
  ['a\tb\n1\t2\n', '\t'],
  ['a|b|c\n1|2|3\n', '|'],
  ['single\ncolumn\n', ','],
  ['name;text\nx;"a, b, c"\ny;"d, e, f"\n', ';'],
])('the delimiter of %j is found', (text, delimiter) => {
  expect(detectDelimiter(text)).toBe(delimiter)
})

test.each([
  [
    [
      ['name', 'age'],
      ['Ada', '36'],
    ],
    true,
  ],
  [
    [
      ['1', '2'],
      ['3', '4'],
    ],
    false,
  ],
  [
    [
      ['red', 'blue'],
      ['red', 'green'],
    ],
    false,
  ],
  [
    [
      ['colour', 'shade'],
      ['red', 'dark'],
      ['blue', 'dark'],
    ],
    true,
  ],
  [
    [
      ['n', 't'],
      ['1', '2'],
    ],
    true,
  ],
  [
    [
      ['true', 'false'],
      ['false', 'true'],
    ],
    false,
  ],
  [
    [
      ['a', 'a'],
      ['1', '2'],
    ],
    false,
  ],
  [
    [
      ['a', ''],
      ['1', '2'],
    ],
    false,
  ],
])('a header is told from data: %j', (rows, expected) => {
  expect(detectHeader(rows, classifyValue)).toBe(expected)
})

test.each([
  ['12', 'integer'],
  ['-3', 'integer'],
  ['3.14', 'number'],
  ['3,14', 'number'],
  ['1,234.50', 'number'],
  ['1e-3', 'number'],
  ['0.5', 'text-or-number'],
  ['007', 'text'],
  ['8010', 'integer'],
  ['true', 'boolean'],
  ['No', 'boolean'],
  ['2026-02-28', 'date'],
  ['2026-02-30', 'text'],
  ['28.02.2026', 'date'],
  ['2026-02-28T10:00:00Z', 'datetime'],
  ['2026-02-28 25:00', 'text'],
  ['1.2.3', 'text'],
  ['1e999', 'text'],
])('%j is %s', (value, type) => {
  expect(classifyValue(value)).toBe(type === 'text-or-number' ? 'number' : type)
})

test('quantiles interpolate as R and NumPy do by default', () => {
  const sorted = [1, 2, 3, 4, 10]
  expect([0, 0.25, 0.5, 0.75, 0.95, 1].map((p) => quantile(sorted, p))).toEqual([1, 2, 3, 4, 8.799999999999999, 10])
  expect(() => quantile([], 0.5)).toThrow(RangeError)
})

test('a profile tells types, missing values, distinct counts, quantiles and outliers', async () => {
  const prices = [1, 2, 3, 4, 5, 6, 7, 8, 9, 1000]
  const text = `id,price,city\n${prices.map((price, i) => `${i + 1},${price}.5,${i % 2 === 0 ? 'Graz' : 'NA'}`).join('\n')}\n`
  const { rows, columns, hasHeader, notes } = await profile(text)
  const [id, price, city] = columns
  expect({ rows, hasHeader }).toEqual({ rows: 10, hasHeader: true })
  expect(id).toMatchObject({ name: 'id', type: 'integer', isUnique: true, missing: 0, distinct: 10 })
  expect(price).toMatchObject({
    type: 'number',
    numbers: {
      min: 1.5,
      max: 1000.5,
      median: 6,
      q1: 3.75,
      q3: 8.25,
      mean: 105,
      outliers: { count: 1, examples: [1000.5] },
    },
  })
  expect(city).toMatchObject({
    type: 'text',
    values: 5,
    missing: 5,
    distinct: 1,
    topValues: [{ value: 'Graz', count: 5 }],
  })
  expect(notes).toContain('"city" is missing in 50 % of the rows.')
})

test('a byte order mark, ragged rows and doubles do no harm and are told', async () => {
  const result = await profile('\uFEFFa,b\n1,2\n1,2\n3\n4,5,6\n')
  expect(result.columns.map((column) => column.name)).toEqual(['a', 'b'])
  expect(result).toMatchObject({ rows: 4, raggedRows: 2, firstRaggedRow: 3, duplicateRows: 1 })
  expect(result.columns[1]).toMatchObject({ missing: 1 })
})

test('a column of mixed types says so instead of guessing', async () => {
  const { columns } = await profile('a,b\n1,x\ntwo,y\n3,z\nfour,w\n')
  expect(columns[0]).toMatchObject({ type: 'mixed', numbers: null })
})

test('integers and decimals together are numbers, days and moments are moments', async () => {
  const { columns } = await profile('n,d\n1,2026-01-01\n2.5,2026-01-02T10:00:00\n')
  expect(columns.map((column) => column.type)).toEqual(['number', 'datetime'])
  expect(columns[1]).toMatchObject({ earliest: '2026-01-01', latest: '2026-01-02T10:00:00' })
})

test('an empty file and one of too many columns are refused with a sentence', async () => {
  await expect(profile(' \n')).rejects.toThrow('The file is empty')
  await expect(profile(`${Array.from({ length: 101 }, (_, i) => `c${i}`).join(',')}\n`)).rejects.toThrow('at most 100')
})

test('a quote that is never closed is told', async () => {
  expect((await profile('a,b\n1,"2\n3,4\n')).notes).toContain('Row 2 has a quote that is never closed.')
})

test('the profile does not depend on how the stream is cut', async () => {
  const text = 'a;b\n"x;1";2\n;3\n"y\n";4,5\n'
  const whole = await profile(text, 1_000)
  for (const size of [1, 2, 3, 4]) expect(await profile(text, size)).toEqual(whole)
})
