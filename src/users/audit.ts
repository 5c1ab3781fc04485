import type { Queryable } from '../platform/database.ts'
import { newUuidV7 } from '../platform/ids.ts'
import { INSERT_AUDIT_EVENT } from './users.queries.ts'

/** A privileged act. Past tense, snake_case, for life: they are searched for years later. */
export type AuditAction =
  | 'key.created'
  | 'key.renamed'
  | 'key.revoked'
  | 'user.created'
  | 'user.renamed'
  | 'password.changed'
  | 'password.reset'
  | 'session.created'
  | 'identity.linked'
  | 'identity.unlinked'
  | 'session.revoked'
  | 'session.account_switched'
  | 'two_factor.enabled'
  | 'two_factor.disabled'
  | 'recovery_codes.made'
  | 'recovery_code.used'
  | 'account.created'
  | 'member.joined'
  | 'member.role_changed'
  | 'member.removed'
  | 'member.left'
  | 'invitation.created'
  | 'invitation.declined'
  | 'invitation.revoked'
  | 'mail.read'
  | 'admin.link_created'
  | 'admin.link_used'
  | 'agent.version_uploaded'
  | 'agent.status_changed'
  | 'agent.trial_changed'
  | 'agent.reported'
  | 'agent.report_closed'
  | 'credits.granted'
  | 'consent.given'
  | 'secret.set'
  | 'secret.removed'

export type AuditEvent = {
  /** A principal's id. */
  readonly actor: string
  readonly accountId: string | null
  readonly action: AuditAction
  /** `key:<id>`, `user:<id>`. */
  readonly subject: string
  /** Facts without secrets. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** Where a request came from, for the audit. */
export type Origin = { readonly requestId?: string; readonly address?: string; readonly userAgent?: string }

/** Writes the event on the transaction of the act itself, so that neither stands without the other. */
export async function recordAudit(tx: Queryable, event: AuditEvent, origin: Origin = {}): Promise<void> {
  await tx.execute(INSERT_AUDIT_EVENT, [
    newUuidV7(),
    event.actor,
    event.accountId,
    event.action,
    event.subject,
    JSON.stringify(event.details ?? {}),
    origin.requestId ?? null,
    origin.address ?? null,
  ])
}
