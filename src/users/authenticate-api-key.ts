import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import { hashText, looksLikeKey } from './keys.ts'
import { createLookup, createUseNotes } from './lookup.ts'
import { PERMISSIONS, permissionsOf, type Permission, type Principal } from './principal.ts'
import { FIND_KEYS, NOTE_KEY_USE, type KeyRow } from './users.queries.ts'
import { usersErrors } from './users.errors.ts'

export type KeyVerifierDeps = { readonly db: Database; readonly clock: Clock; readonly log: Logger }

type Verdict = Principal | 'unknown' | 'expired' | 'revoked'

export type KeyVerifier = {
  /** Who sent this key: at once where the key was verified within the last 800 ms.
   * @throws EnhancedAppError UNAUTHENTICATED, KEY_EXPIRED, KEY_REVOKED */
  authenticate(bearer: string): Principal | Promise<Principal>
}

/** Verifies API keys against the database, remembering each answer for less than a second. */
export function createKeyVerifier(deps: KeyVerifierDeps): KeyVerifier {
  const { db } = deps
  const noteUse = createUseNotes(deps, (ids) => db.execute(NOTE_KEY_USE, [ids]))
  const lookup = createLookup<Verdict>(deps, {
    absent: 'unknown',
    async find(hashes) {
      const rows = await db.query(FIND_KEYS, [hashes.map((hash) => Buffer.from(hash, 'base64'))])
      return new Map(rows.map((row) => [row.hash.toString('base64'), verdictOf(row)]))
    },
  })

  function accept(verdict: Verdict): Principal {
    if (verdict === 'unknown') throw usersErrors.UNAUTHENTICATED()
    if (verdict === 'expired') throw usersErrors.KEY_EXPIRED()
    if (verdict === 'revoked') throw usersErrors.KEY_REVOKED()
    noteUse(verdict.id.slice('key:'.length))
    return verdict
  }

  return {
    authenticate(bearer) {
      if (!looksLikeKey(bearer)) throw usersErrors.UNAUTHENTICATED()
      // The cache holds hashes, so that no key stands in memory longer than its request.
      const found = lookup.get(hashText(bearer))
      return found instanceof Promise ? found.then(accept) : accept(found)
    },
  }
}

function verdictOf(row: KeyRow): Verdict {
  if (row.isRevoked || row.role === null) return 'revoked'
  if (row.isExpired) return 'expired'
  const ofRole = permissionsOf(row.role, row.isSiteAdmin)
  const permissions = new Set<Permission>(PERMISSIONS.filter((one) => row.scopes.includes(one) && ofRole.has(one)))
  return {
    kind: 'key',
    id: `key:${row.id}`,
    accountId: row.accountId,
    userId: row.userId,
    permissions,
    agentIds: row.agentIds.length === 0 ? null : row.agentIds,
    isAdmin: permissions.has('admin'),
    ...(row.monthlyCapMicro === null ? {} : { monthlyCapMicro: row.monthlyCapMicro }),
  }
}
