import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../platform/clock.ts'
import type { Database } from '../../platform/database.ts'
import { newCuid } from '../../platform/ids.ts'
import type { Logger } from '../../platform/logger.ts'
import { hashSecret } from '../keys.ts'
import { createLookup, createUseNotes } from '../lookup.ts'
import { permissionsOf, permissionsOfToken, type Permission, type Principal } from '../principal.ts'
import { usersErrors } from '../users.errors.ts'
import type { ClientTokens } from './client-tokens.ts'
import { FIND_SESSIONS, NOTE_SESSION_USE, type SessionStateRow } from './sessions.queries.ts'

/** `bus_` + the session's id + 32 random bytes. */
const SESSION = /^bus_([a-z0-9]{20,40})_[A-Za-z0-9_-]{43}$/

/** A session's secret, shown once to who signs in. */
export function makeSession(): { readonly id: string; readonly text: string; readonly hash: Buffer } {
  const id = newCuid()
  const text = `bus_${id}_${randomBytes(32).toString('base64url')}`
  return { id, text, hash: hashSecret(text) }
}

export const looksLikeSession = (bearer: string): boolean => bearer.startsWith('bus_')
/** Every JWT begins so: `{"` in base64. */
export const looksLikeToken = (bearer: string): boolean => bearer.startsWith('eyJ')

/** What the database says of a session. */
type State = {
  readonly verdict: 'open' | 'expired' | 'revoked'
  readonly hash: Buffer
  readonly userId: string
  /** As the person themselves, and as a client token of theirs. */
  readonly person: Principal
  readonly client: Principal
}

export type SessionVerifier = {
  /** Whose session this is: at once where it was looked at within the last 800 ms.
   * @throws EnhancedAppError UNAUTHENTICATED, SESSION_EXPIRED, SESSION_REVOKED */
  authenticate(bearer: string): Principal | Promise<Principal>
  /** Whose client token this is, while its session stands. It may do less than the session.
   * @throws EnhancedAppError TOKEN_INVALID, TOKEN_EXPIRED, SESSION_EXPIRED, SESSION_REVOKED */
  authenticateToken(token: string): Principal | Promise<Principal>
  /** The session that a token of the audience `realtime` opens a socket for. The socket then lives by {@link standing}.
   * @throws EnhancedAppError TOKEN_INVALID, TOKEN_EXPIRED */
  sessionOfSocket(token: string): string
  /** Whom a session speaks for as a client token of it would, while it stands.
   * @throws EnhancedAppError UNAUTHENTICATED, SESSION_EXPIRED, SESSION_REVOKED */
  standing(sessionId: string): Principal | Promise<Principal>
  /** This process asks the database at the next request: for whoever has just changed the session. The others learn of
   * it within a second. */
  forget(sessionId: string): void
}

/** Verifies sessions and their client tokens, remembering each answer of the database for less than a second. */
export function createSessionVerifier(deps: {
  readonly db: Database
  readonly clock: Clock
  readonly log: Logger
  readonly tokens: ClientTokens
}): SessionVerifier {
  const { db, clock, tokens } = deps
  const noteUse = createUseNotes(deps, (ids) => db.execute(NOTE_SESSION_USE, [ids]))
  const lookup = createLookup<State | null>(deps, {
    absent: null,
    async find(ids) {
      const rows = await db.query(FIND_SESSIONS, [ids])
      return new Map(rows.map((row) => [row.id, stateOf(row)]))
    },
  })

  /** Looks the session up, and hands its principal on if `isTrue` and it stands. */
  function admit(
    id: string,
    isTrue: (state: State) => boolean,
    as: 'person' | 'client',
  ): Principal | Promise<Principal> {
    const accept = (state: State | null): Principal => {
      if (state === null || !isTrue(state)) throw usersErrors.UNAUTHENTICATED()
      if (state.verdict === 'revoked') throw usersErrors.SESSION_REVOKED()
      if (state.verdict === 'expired') throw usersErrors.SESSION_EXPIRED()
      noteUse(id)
      return state[as]
    }
    const found = lookup.get(id)
    return found instanceof Promise ? found.then(accept) : accept(found)
  }

  return {
    authenticate(bearer) {
      const id = SESSION.exec(bearer)?.[1]
      if (id === undefined) throw usersErrors.UNAUTHENTICATED()
      // The id alone, which lists and tokens show, opens nothing.
      return admit(id, (state) => timingSafeEqual(hashSecret(bearer), state.hash), 'person')
    },
    authenticateToken(token) {
      const { sid, sub } = tokens.verify(token, 'api', clock.nowMs())
      return admit(sid, (state) => sub === `user:${state.userId}`, 'client')
    },
    sessionOfSocket: (token) => tokens.verify(token, 'realtime', clock.nowMs()).sid,
    standing: (id) => admit(id, () => true, 'client'),
    forget: (id) => lookup.forget(id),
  }
}

function stateOf(row: SessionStateRow): State {
  const { id, userId, accountId, isSiteAdmin, role } = row
  const permissions: ReadonlySet<Permission> = role === null ? new Set() : permissionsOf(role, isSiteAdmin)
  const facts = { kind: 'user', id: `user:${userId}`, accountId, userId, agentIds: null } as const
  const ofClient = permissionsOfToken(permissions)
  return {
    verdict: row.isRevoked || role === null ? 'revoked' : row.isExpired ? 'expired' : 'open',
    hash: row.hash,
    userId,
    person: { ...facts, permissions, isAdmin: permissions.has('admin'), sessionId: id },
    client: { ...facts, permissions: ofClient, isAdmin: ofClient.has('admin') },
  }
}
