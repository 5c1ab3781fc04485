import { z } from 'zod'
import { columnText } from '../../http/index.ts'

export const REPORT_REASONS = ['broken', 'misleading', 'harmful', 'infringing', 'other'] as const

export const reportOrder = z.object({
  reason: z.enum(REPORT_REASONS),
  text: columnText(2_000).pipe(z.string().trim().min(1)).describe('What is wrong, for the operator'),
})
export type ReportOrder = z.infer<typeof reportOrder>

export const reportView = z.object({
  id: z.uuid(),
  agent: z.object({ id: z.string(), name: z.string(), owner: z.string(), slug: z.string() }),
  version: z.number().int().nullable().describe('Active when it was reported'),
  reason: z.enum(REPORT_REASONS),
  text: z.string().describe("A stranger's text"),
  reporter: z.object({ id: z.string(), name: z.string() }),
  createdAt: z.iso.datetime(),
  closedAt: z.iso.datetime().nullable(),
  note: z.string().nullable().describe('What the operator did about it'),
})
export type ReportView = z.infer<typeof reportView>

export const closeOrder = z.object({ note: columnText(2_000).default('') }).prefault({})
export const reportCursor = z.object({ id: z.uuid() })
export type ReportCursor = z.infer<typeof reportCursor>
