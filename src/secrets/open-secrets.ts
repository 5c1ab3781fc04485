import type { RunnableAgent } from '../agents/index.ts'
import type { Database } from '../platform/database.ts'
import type { Keyring } from '../platform/keyring.ts'
import type { Logger } from '../platform/logger.ts'
import { isCovered, type SecretGrant } from '../sandbox/index.ts'
import { keyVersionOf, openSecret, sealSecret } from './seal-secret.ts'
import { FIND_SECRETS, RESEAL_SECRET, type SealedRow } from './secrets.queries.ts'

export type OpenSecretsDeps = { readonly db: Database; readonly keyring: Keyring; readonly log: Logger }

/** The values that a run may use, for the host that puts them into requests. The caller's own go before the creator's;
 * each only towards hosts that the agent declares and that it was set for.
 * SECURITY: holds values in the clear. They go to the sandbox's host side and nowhere else. */
export async function openSecrets(
  deps: OpenSecretsDeps,
  payerAccountId: string,
  agent: Pick<RunnableAgent, 'agentId' | 'accountId' | 'manifest'>,
): Promise<ReadonlyMap<string, SecretGrant>> {
  const grants = new Map<string, SecretGrant>()
  if (agent.manifest.secrets.length === 0) return grants
  const rows = await deps.db.query(FIND_SECRETS, [[payerAccountId, agent.accountId], agent.agentId])
  const keyVersion = keyVersionOf(deps.keyring)
  for (const { name, hosts: declared } of agent.manifest.secrets) {
    const set = rows.filter((row) => row.name === name)
    const own = set.find((row) => row.accountId === payerAccountId)
    const row = own ?? set.find((one) => one.accountId === agent.accountId)
    if (row === undefined) continue
    const hosts = declared.filter((host) => isCovered(row.hosts, host))
    const value = openSecret(deps.keyring, row, row.sealed)
    if (value === null) {
      deps.log.warn({ agentId: row.agentId, name, keyVersion: row.keyVersion }, 'secret cannot be opened')
      continue
    }
    if (row.keyVersion !== keyVersion) await reseal(deps, row, value, keyVersion)
    if (hosts.length > 0) grants.set(name, { value, hosts })
  }
  return grants
}

/** Sealed under a secret of the site that was in use before: once every value was used, that one can be dropped. */
async function reseal(deps: OpenSecretsDeps, row: SealedRow, value: string, keyVersion: string): Promise<void> {
  const sealed = sealSecret(deps.keyring, row, value)
  await deps.db.execute(RESEAL_SECRET, [row.accountId, row.agentId, row.name, row.sealed, sealed, keyVersion])
}
