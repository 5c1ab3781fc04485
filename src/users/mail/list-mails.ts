import type { Page } from '../../http/index.ts'
import type { Database } from '../../platform/database.ts'
import { recordAudit, type Origin } from '../audit.ts'
import { authorize } from '../authorize.ts'
import type { Principal } from '../principal.ts'
import type { KeptMail, Mailer } from './mailer.ts'

/** Mails in files, newest first. They hold other people's links, so that an admin looked is written down.
 * @throws EnhancedAppError FORBIDDEN */
export async function listMails(
  deps: { readonly db: Database; readonly mailer: Mailer },
  principal: Principal,
  page: Page<[string]>,
  origin: Origin,
): Promise<readonly KeptMail[]> {
  authorize(principal, 'admin')
  const mails = await deps.mailer.list({ take: page.take, after: page.after?.[0] ?? null })
  if (mails.length > 0) {
    const { id: actor, accountId } = principal
    await recordAudit(
      deps.db,
      { actor, accountId, action: 'mail.read', subject: 'site', details: { mails: mails.length } },
      origin,
    )
  }
  return mails
}
