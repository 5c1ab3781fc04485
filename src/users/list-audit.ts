import { z } from 'zod'
import type { Page } from '../http/index.ts'
import type { AuditEvent } from '../platform/generated/prisma/client.ts'
import type { Prisma } from '../platform/prisma.ts'
import { authorize } from './authorize.ts'
import type { Principal } from './principal.ts'

export const auditView = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  actor: z.string().describe('`user:<id>`, `key:<id>` or `system:<role>`'),
  action: z.string(),
  subject: z.string(),
  details: z.record(z.string(), z.unknown()),
  requestId: z.string().nullable(),
  address: z.string().nullable(),
})
export type AuditView = z.infer<typeof auditView>

/** Ids are made in the order of time. */
export const auditCursor = z.tuple([z.uuid()])
export type AuditCursor = z.infer<typeof auditCursor>

/** What was done in and to the caller's account, newest first. Up to `page.take` rows. @throws EnhancedAppError FORBIDDEN */
export async function listAudit(
  deps: { readonly prisma: Prisma },
  principal: Principal,
  page: Page<AuditCursor>,
): Promise<AuditEvent[]> {
  authorize(principal, 'audit.read')
  return deps.prisma.auditEvent.findMany({
    where: { accountId: principal.accountId, ...(page.after && { id: { lt: page.after[0] } }) },
    orderBy: { id: 'desc' },
    take: page.take,
  })
}

const details = z.record(z.string(), z.unknown())

/** An event as the account sees it. */
export function presentAudit(row: AuditEvent): AuditView {
  return {
    id: row.id,
    at: row.at.toISOString(),
    actor: row.actor,
    action: row.action,
    subject: row.subject,
    details: details.parse(row.details),
    requestId: row.requestId,
    address: row.address,
  }
}
