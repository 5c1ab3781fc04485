import type { Database } from '../platform/database.ts'
import { authorize, recordAudit, type Origin, type Principal } from '../users/index.ts'
import { secretsErrors } from './secrets.errors.ts'
import { DELETE_SECRET } from './secrets.queries.ts'

/** Removes a value that the caller's account has set, also when the agent no longer declares it.
 * @throws FORBIDDEN, SECRET_NOT_FOUND */
export async function removeSecret(
  deps: { readonly db: Database },
  principal: Principal,
  { agentId, name }: { readonly agentId: string; readonly name: string },
  origin: Origin = {},
): Promise<void> {
  authorize(principal, 'secrets.write', { agentId })
  const { accountId } = principal
  await deps.db.transaction(async (tx) => {
    const removed = await tx.execute(DELETE_SECRET, [accountId, agentId, name])
    if (removed === 0) throw secretsErrors.SECRET_NOT_FOUND()
    await recordAudit(
      tx,
      { actor: principal.id, accountId, action: 'secret.removed', subject: `agent:${agentId}`, details: { name } },
      origin,
    )
  })
}
