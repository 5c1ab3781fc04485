import type { Database } from '../../platform/database.ts'
import { recordAudit, type Origin } from '../audit.ts'
import { requireSession } from '../authorize.ts'
import type { Principal } from '../principal.ts'
import { RENAME_PERSON } from './people.queries.ts'

/** Gives a person another name; their account keeps its own. @throws EnhancedAppError SESSION_REQUIRED */
export async function renamePerson(
  deps: { readonly db: Database },
  principal: Principal,
  name: string,
  origin: Origin,
): Promise<void> {
  const { userId } = requireSession(principal)
  await deps.db.transaction(async (tx) => {
    await tx.execute(RENAME_PERSON, [userId, name])
    const { id: actor, accountId } = principal
    await recordAudit(tx, { actor, accountId, action: 'user.renamed', subject: `user:${userId}` }, origin)
  })
}
