import { z } from 'zod'
import { columnText, idText } from '../http/index.ts'
import { SCOPES } from './principal.ts'

export const newKey = z.strictObject({
  name: columnText(100).pipe(z.string().trim().min(1)),
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length).describe('What the key may do'),
  agentIds: z.array(idText).max(100).default([]).describe('Only these agents; empty for all'),
  expiresAt: z.iso.datetime({ offset: true }).nullable().default(null),
  monthlyCapMicro: z
    .string()
    .regex(/^[1-9]\d{0,17}$/, { error: 'is not a whole number of micro-credits' })
    .nullable()
    .default(null)
    .describe('Most micro-credits a month (1 credit = 1000000)'),
})
export type NewKey = z.infer<typeof newKey>

export const keyView = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string().describe('How the key begins'),
  scopes: z.array(z.string()),
  agentIds: z.array(z.string()),
  monthlyCapMicro: z.string().nullable(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable().describe('To the minute'),
  revokedAt: z.iso.datetime().nullable(),
  createdAt: z.iso.datetime(),
})
export type KeyView = z.infer<typeof keyView>

export const createdKey = keyView.extend({ key: z.string().describe('The key itself. Shown this once.') })
export type CreatedKey = z.infer<typeof createdKey>

/** Newest first; the id decides between two of one moment. */
export const keyCursor = z.tuple([z.iso.datetime().transform((text) => new Date(text)), z.string()])
export type KeyCursor = z.infer<typeof keyCursor>

export const emailText = columnText(254)
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.email())

/** A name as others read it, in lists and mails: one line, nothing that turns the text around it. */
export const nameText = (max: number) =>
  columnText(max)
    .transform((text) => text.trim())
    .pipe(
      z
        .string()
        .min(1)
        .regex(/^[^\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]*$/u, { error: 'has to be one line of text' }),
    )
