import type { Clock } from '../platform/clock.ts'
import { createBoundedCache } from '../platform/bounded-cache.ts'
import type { Database } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import { hashText, looksLikeKey } from './keys.ts'
import { PERMISSIONS, permissionsOf, type Permission, type Principal } from './principal.ts'
import { FIND_KEYS, NOTE_KEY_USE, type KeyRow } from './users.queries.ts'
import { usersErrors } from './users.errors.ts'

export type KeyVerifierDeps = { readonly db: Database; readonly clock: Clock; readonly log: Logger }

/** After this the database is asked again while the old answer still serves; a request never waits for it. */
const REFRESH_AFTER_MS = 400
/** After this the old answer serves nobody: with the query's time, a revoked key is refused within a second. */
const TRUST_MS = 800
const NOTE_USE_EVERY_MS = 60_000
/** Verified keys remembered, 1 kB each. */
const MAX_ENTRIES = 20_000
/** Keys asked for in one statement. */
const MAX_BATCH = 500

type Verdict = Principal | 'unknown' | 'expired' | 'revoked'
type Entry = { verdict: Verdict; askedAtMs: number; notedAtMs: number; refresh: Promise<Verdict> | null }

export type KeyVerifier = {
  /** Who sent this key: at once where the key was verified within the last 800 ms.
   * @throws EnhancedAppError UNAUTHENTICATED, KEY_EXPIRED, KEY_REVOKED */
  authenticate(bearer: string): Principal | Promise<Principal>
}

/** Verifies API keys against the database, remembering each answer for less than a second. One statement is under way
 * at a time, and carries whatever keys came up meanwhile: a thousand accounts cost a few queries, not a thousand. */
export function createKeyVerifier(deps: KeyVerifierDeps): KeyVerifier {
  const { clock, log } = deps
  const entries = createBoundedCache<Entry>(MAX_ENTRIES)
  const ask = createKeyLookup(deps)
  const used = new Set<string>()
  let isNoting = false

  function refresh(id: string, entry: Entry | undefined): Promise<Verdict> {
    if (entry?.refresh) return entry.refresh
    // Trust is counted from before the question: what the database saw may be as old as that.
    const askedAtMs = clock.monotonicMs()
    const asked = ask(id).then((verdict) => {
      entries.set(id, { verdict, askedAtMs, notedAtMs: entry?.notedAtMs ?? -Infinity, refresh: null })
      return verdict
    })
    if (entry) {
      entry.refresh = asked
      asked.catch(() => {
        entry.refresh = null
      })
    }
    return asked
  }

  /** Off the path: nobody waits for it, and a failure only makes "last used" older than it is. */
  function noteUse(keyId: string): void {
    used.add(keyId)
    if (isNoting) return
    isNoting = true
    setImmediate(() => {
      const ids = [...used]
      used.clear()
      deps.db
        .execute(NOTE_KEY_USE, [ids])
        .catch((error: unknown) => log.warn({ err: error }, 'last use of keys was not noted'))
        .finally(() => {
          isNoting = false
        })
    })
  }

  function accept(id: string, verdict: Verdict): Principal {
    if (verdict === 'unknown') throw usersErrors.UNAUTHENTICATED()
    if (verdict === 'expired') throw usersErrors.KEY_EXPIRED()
    if (verdict === 'revoked') throw usersErrors.KEY_REVOKED()
    const entry = entries.get(id)
    const nowMs = clock.monotonicMs()
    if (entry && nowMs - entry.notedAtMs > NOTE_USE_EVERY_MS) {
      entry.notedAtMs = nowMs
      noteUse(verdict.id.slice('key:'.length))
    }
    return verdict
  }

  return {
    authenticate(bearer) {
      if (!looksLikeKey(bearer)) throw usersErrors.UNAUTHENTICATED()
      // The cache holds hashes, so that no key stands in memory longer than its request.
      const id = hashText(bearer)
      const entry = entries.get(id)
      const ageMs = entry === undefined ? Infinity : clock.monotonicMs() - entry.askedAtMs
      if (entry !== undefined && ageMs < TRUST_MS) {
        if (ageMs > REFRESH_AFTER_MS && entry.refresh === null) {
          refresh(id, entry).catch((error: unknown) => log.warn({ err: error }, 'key was not verified again'))
        }
        return accept(id, entry.verdict)
      }
      return refresh(id, entry).then((verdict) => accept(id, verdict))
    },
  }
}

type Waiting = { readonly id: string; resolve(verdict: Verdict): void; reject(error: unknown): void }

function createKeyLookup(deps: KeyVerifierDeps): (id: string) => Promise<Verdict> {
  let waiting: Waiting[] = []
  let isAsking = false

  async function askAll(): Promise<void> {
    isAsking = true
    while (waiting.length > 0) {
      const batch = waiting.slice(0, MAX_BATCH)
      waiting = waiting.slice(MAX_BATCH)
      try {
        const rows = await deps.db.query(FIND_KEYS, [batch.map((one) => Buffer.from(one.id, 'base64'))])
        const byHash = new Map(rows.map((row) => [row.hash.toString('base64'), row]))
        for (const one of batch) one.resolve(verdictOf(byHash.get(one.id)))
      } catch (error) {
        for (const one of batch) one.reject(error)
      }
    }
    isAsking = false
  }

  return (id) =>
    new Promise((resolve, reject) => {
      waiting.push({ id, resolve, reject })
      if (!isAsking) void askAll()
    })
}

function verdictOf(row: KeyRow | undefined): Verdict {
  if (row === undefined) return 'unknown'
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
  }
}
