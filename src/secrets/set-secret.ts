import { getAgent, secretsOf, type SecretDeclaration } from '../agents/index.ts'
import type { Database } from '../platform/database.ts'
import type { Keyring } from '../platform/keyring.ts'
import { authorize, recordAudit, type Origin, type Principal } from '../users/index.ts'
import { keyVersionOf, sealSecret } from './seal-secret.ts'
import { secretsErrors } from './secrets.errors.ts'
import { UPSERT_SECRET } from './secrets.queries.ts'
import type { NewSecret, SecretView } from './secrets.schema.ts'
import { presentSecret } from './list-secrets.ts'

export type SecretsDeps = { readonly db: Database; readonly keyring: Keyring }

/** Sets, for the caller's account, the value of a secret that an agent declares, in the place of an earlier one. It is
 * bound to the hosts that the agent declares now: a later version that adds hosts does not get it sent there.
 * @throws FORBIDDEN, AGENT_NOT_FOUND, SECRET_NOT_DECLARED */
export async function setSecret(
  deps: SecretsDeps,
  principal: Principal,
  order: NewSecret,
  origin: Origin = {},
): Promise<SecretView> {
  authorize(principal, 'secrets.write', { agentId: order.agentId })
  const { hosts } = await declarationOf(deps, principal, order)
  const { accountId } = principal
  const { agentId, name } = order
  const sealed = sealSecret(deps.keyring, { accountId, agentId, name }, order.value)
  const row = await deps.db.transaction(async (tx) => {
    const [written] = await tx.query(UPSERT_SECRET, [
      accountId,
      agentId,
      name,
      hosts,
      sealed,
      keyVersionOf(deps.keyring),
      principal.id,
    ])
    if (written === undefined) throw new Error('an upsert returned no row')
    await recordAudit(
      tx,
      { actor: principal.id, accountId, action: 'secret.set', subject: `agent:${agentId}`, details: { name, hosts } },
      origin,
    )
    return written
  })
  return presentSecret(row)
}

async function declarationOf(
  deps: { readonly db: Database },
  principal: Principal,
  { agentId, name }: { readonly agentId: string; readonly name: string },
): Promise<SecretDeclaration> {
  const secrets = secretsOf(await getAgent(deps, principal, agentId))
  const declaration = secrets.find((secret) => secret.name === name)
  if (declaration !== undefined) return declaration
  const declared = secrets.map((secret) => secret.name).join(', ') || 'none'
  throw secretsErrors.SECRET_NOT_DECLARED({ agentId, declared })
}
