import { statement } from '../../platform/database.ts'
import type { MemberRole } from '../principal.ts'

export type SessionStateRow = {
  readonly id: string
  readonly hash: Buffer
  readonly userId: string
  readonly accountId: string
  readonly isExpired: boolean
  readonly isRevoked: boolean
  readonly isSiteAdmin: boolean
  readonly role: MemberRole | null
}

/** All that is needed to trust some sessions, in one round trip. A session for an account that its person has left has
 * no role, and is refused. Index: Session_pkey. */
export const FIND_SESSIONS = statement<SessionStateRow>(
  'users.find_sessions',
  `select s.id, s.hash, s."userId", s."accountId", s."expiresAt" <= now() as "isExpired",
     s."revokedAt" is not null as "isRevoked", 'admin' = any(u.roles) as "isSiteAdmin", m.role
   from "Session" s
   join "User" u on u.id = s."userId"
   left join "Member" m on m."accountId" = s."accountId" and m."userId" = s."userId"
   where s.id = any($1::text[])`,
)

/** Last use, to the minute: the guard keeps a busy session from being written by every process each time. */
export const NOTE_SESSION_USE = statement(
  'users.note_session_use',
  `update "Session" set "lastUsedAt" = now()
   where id = any($1::text[]) and ("lastUsedAt" is null or "lastUsedAt" < now() - interval '1 minute')`,
)

export type SignInRow = {
  readonly id: string
  readonly email: string
  readonly name: string
  /** Null unless the address is verified: then there is nothing to compare with. */
  readonly passwordHash: string | null
  readonly hasTwoFactor: boolean
}

export const FIND_SIGN_IN = statement<SignInRow>(
  'users.find_sign_in',
  `select id, email, name, case when "emailVerifiedAt" is not null then "passwordHash" end as "passwordHash",
     "totpConfirmedAt" is not null as "hasTwoFactor"
   from "User" where email = $1`,
)

/** A better hash of the same password. The guard is the old one: a change of password meanwhile stands. */
export const REHASH_PASSWORD = statement(
  'users.rehash_password',
  `update "User" set "passwordHash" = $3 where id = $1 and "passwordHash" = $2`,
)

/** The guard is what the sign-in was judged by: the password's hash, and whether a second factor was asked for. The lock
 * makes it hold against a change that is under way: either that commits first, and nothing is opened, or it waits for
 * this session, and then ends it with the others. */
export const INSERT_SESSION = statement<{ expiresAt: Date; createdAt: Date; isAnother: boolean }>(
  'users.insert_session',
  `with person as (
     select id from "User" where id = $2 and "passwordHash" is not distinct from $8 and ("totpConfirmedAt" is not null) = $9::boolean for share
   )
   insert into "Session" (id, "userId", "accountId", hash, address, "userAgent", "expiresAt")
   select $1, person.id, $3, $4, $5, $6, now() + $7::int * interval '1 day' from person
   returning "expiresAt", "createdAt", exists (select 1 from "Session" s where s."userId" = $2) as "isAnother"`,
)

/** A person keeps at most $2 sessions open; the oldest end. */
export const END_OLDEST_SESSIONS = statement(
  'users.end_oldest_sessions',
  `update "Session" set "revokedAt" = now() where id in (
     select id from "Session" where "userId" = $1 and "revokedAt" is null and "expiresAt" > now()
     order by "createdAt" desc, id desc offset $2)`,
)

export const REVOKE_SESSION = statement<{ accountId: string }>(
  'users.revoke_session',
  `update "Session" set "revokedAt" = now() where id = $1 and "userId" = $2 and "revokedAt" is null
   returning "accountId"`,
)

export const FIND_OWN_SESSION = statement<{ id: string }>(
  'users.find_own_session',
  `select id from "Session" where id = $1 and "userId" = $2`,
)

/** Every open session of a person, except the one that asks. */
export const REVOKE_SESSIONS = statement(
  'users.revoke_sessions',
  `update "Session" set "revokedAt" = now()
   where "userId" = $1 and "revokedAt" is null and ($2::text is null or id <> $2)`,
)

/** The guard is the membership itself. */
export const SWITCH_ACCOUNT = statement(
  'users.switch_account',
  `update "Session" s set "accountId" = m."accountId"
   from "Member" m
   where s.id = $1 and s."userId" = $2 and s."revokedAt" is null and m."accountId" = $3 and m."userId" = $2`,
)

export type MeRow = {
  readonly email: string
  readonly name: string
  readonly hasPassword: boolean
  readonly hasTwoFactor: boolean
  readonly createdAt: Date
  readonly accountName: string
  readonly slug: string
  readonly kind: 'personal' | 'team' | 'platform'
  readonly role: MemberRole
}

export const FIND_ME = statement<MeRow>(
  'users.find_me',
  `select u.email, u.name, u."passwordHash" is not null as "hasPassword", u."totpConfirmedAt" is not null as "hasTwoFactor",
     u."createdAt", a.name as "accountName", a.slug, a.kind, m.role
   from "User" u join "Member" m on m."userId" = u.id join "Account" a on a.id = m."accountId"
   where u.id = $1 and a.id = $2`,
)
