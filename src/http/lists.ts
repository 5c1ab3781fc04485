import { z } from 'zod'
import { httpErrors } from './http.errors.ts'

/** Query of every list: `limit`, `cursor` (opaque, from the page before), `fields` (names, separated by commas). */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20).describe('How many items, 1 to 100'),
  cursor: z.string().min(1).max(1024).optional().describe('`nextCursor` of the page before'),
  fields: z.string().min(1).max(1024).optional().describe('Names of the fields wanted, separated by commas'),
})
export type PageQuery = z.infer<typeof pageQuery>

/** One page asked for. `after` is the keyset of the last item of the page before, `take` one more than the limit, so
 * that the query itself tells whether there is a next page. */
export type Page<C> = {
  readonly limit: number
  readonly take: number
  readonly after: C | null
  readonly fields: readonly string[] | null
}

/** Shape of a list's answer: items may miss fields, because `fields=` leaves some out. */
export const pageOf = <S extends z.ZodRawShape>(item: z.ZodObject<S>) =>
  z.object({ items: z.array(item.partial()), nextCursor: z.string().nullable() })

/** Reads a list's query against the shape of its cursor and its item.
 * @throws EnhancedAppError LIST_CURSOR_INVALID, LIST_FIELD_UNKNOWN */
export function readPage<C, S extends z.ZodRawShape>(
  query: PageQuery,
  cursor: z.ZodType<C>,
  item: z.ZodObject<S>,
): Page<C> {
  return {
    limit: query.limit,
    take: query.limit + 1,
    after: query.cursor === undefined ? null : decodeCursor(query.cursor, cursor),
    fields: readFields(query.fields, item),
  }
}

/** Names in `fields=` against the item's shape; null when everything is wanted.
 * @throws EnhancedAppError LIST_FIELD_UNKNOWN */
export function readFields<S extends z.ZodRawShape>(text: string | undefined, item: z.ZodObject<S>): string[] | null {
  if (text === undefined) return null
  const known = Object.keys(item.shape)
  const wanted = [...new Set(text.split(',').map((name) => name.trim()))]
  const unknown = wanted.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw httpErrors.LIST_FIELD_UNKNOWN({ unknown: unknown.slice(0, 10).join(', '), known: known.join(', ') })
  }
  return wanted
}

/** Makes the answer of a list from up to `page.take` rows. */
export function presentPage<R, C, I extends object>(
  page: Page<C>,
  rows: readonly R[],
  present: (row: R) => I,
  cursorOf: (row: R) => C,
): { items: Partial<I>[]; nextCursor: string | null } {
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    items: shown.map((row) => pickFields(present(row), page.fields)),
    nextCursor: rows.length > page.limit && last !== undefined ? encodeCursor(cursorOf(last)) : null,
  }
}

/** Leaves only the fields wanted. */
export function pickFields<I extends object>(item: I, fields: readonly string[] | null): Partial<I> {
  if (fields === null) return item
  const picked: Partial<I> = {}
  for (const key in item) if (fields.includes(key)) picked[key] = item[key]
  return picked
}

/** Opaque text of a keyset. Dates and bigints become strings; the cursor's schema turns them back. */
export function encodeCursor(keyset: unknown): string {
  const text = JSON.stringify(keyset, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value))
  return Buffer.from(text).toString('base64url')
}

function decodeCursor<C>(text: string, schema: z.ZodType<C>): C {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))
  } catch (error) {
    throw httpErrors.LIST_CURSOR_INVALID({}, { cause: error })
  }
  // What no column holds cannot have come from us.
  if (JSON.stringify(value).includes('\\u0000')) throw httpErrors.LIST_CURSOR_INVALID()
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw httpErrors.LIST_CURSOR_INVALID({}, { cause: parsed.error })
  return parsed.data
}
