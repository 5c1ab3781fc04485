import { expect, test } from 'vitest'
import { z } from 'zod'
import { encodeCursor, pageQuery, presentPage, readPage } from './lists.ts'

const item = z.object({ id: z.string(), size: z.number() })
const cursor = z.tuple([z.string()])
const rows = ['a', 'b', 'c', 'd'].map((id) => ({ id, size: 1 }))
const page = (query: object) => readPage(pageQuery.parse(query), cursor, item)

test('one row more than the limit tells that there is a next page, and is not shown', () => {
  const first = page({ limit: '3' })
  const shown = presentPage(
    first,
    rows.slice(0, first.take),
    (row) => row,
    (row) => [row.id],
  )
  expect(shown.items.map((one) => one.id)).toEqual(['a', 'b', 'c'])
  expect(page({ cursor: shown.nextCursor }).after).toEqual(['c'])
  expect(
    presentPage(
      first,
      rows.slice(0, 3),
      (row) => row,
      (row) => [row.id],
    ).nextCursor,
  ).toBeNull()
})

test('fields= leaves everything else out', () => {
  const shown = presentPage(
    page({ fields: 'size' }),
    rows,
    (row) => row,
    (row) => [row.id],
  )
  expect(shown.items[0]).toEqual({ size: 1 })
})

test.each(['', 'id,', 'hash', 'id,__proto__', 'constructor'])('fields=%s names what is not there', (fields) => {
  expect(() => readPage({ limit: 20, fields }, cursor, item)).toThrow(
    expect.objectContaining({ code: 'LIST_FIELD_UNKNOWN' }),
  )
})

test.each(['x', encodeCursor({ id: 'a' }), encodeCursor([1]), encodeCursor(['a', 'b']), '%%%'])(
  'the cursor %s of somewhere else is refused',
  (text) => {
    expect(() => page({ cursor: text })).toThrow(expect.objectContaining({ code: 'LIST_CURSOR_INVALID' }))
  },
)
