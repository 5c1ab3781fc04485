import { z } from 'zod'

/** Text that goes to a column: PostgreSQL refuses U+0000, and a lone surrogate is not a character in UTF-8. Both would
 * fail the whole statement, and with it everybody's part of a batch.
 * @param max most UTF-16 units */
export const columnText = (max: number) =>
  z
    .string()
    .max(max)
    .refine((text) => isStorable(text), { error: 'contains U+0000 or half of a surrogate pair' })

export function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed()
}

/** What an id in a path may look like: cuid, UUID, or `owner/slug` parts. Nothing else reaches a query. */
export const idText = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, { error: 'is not an id' })
