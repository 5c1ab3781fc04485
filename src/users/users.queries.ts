import { statement } from '../platform/database.ts'
import type { MemberRole } from './principal.ts'

export type KeyRow = {
  readonly hash: Buffer
  readonly id: string
  readonly accountId: string
  readonly userId: string
  readonly scopes: string[]
  readonly agentIds: string[]
  readonly isExpired: boolean
  readonly isRevoked: boolean
  readonly isSiteAdmin: boolean
  readonly role: MemberRole | null
  readonly monthlyCapMicro: bigint | null
}

/** All that is needed to trust some keys, in one round trip. Expiry is judged by the database's clock. A key whose owner
 * left the account has no role, and is refused. Index: ApiKey_hash_key. */
export const FIND_KEYS = statement<KeyRow>(
  'users.find_keys',
  `
  select k.hash, k.id, k."accountId", k."userId", k.scopes, k."agentIds",
    coalesce(k."expiresAt" <= now(), false) as "isExpired", k."revokedAt" is not null as "isRevoked",
    'admin' = any(u.roles) as "isSiteAdmin", m.role, k."monthlyCapMicro"
  from "ApiKey" k
  join "User" u on u.id = k."userId"
  left join "Member" m on m."accountId" = k."accountId" and m."userId" = k."userId"
  where k.hash = any($1::bytea[])`,
)

/** Last use, to the minute: the guard keeps a busy key from being written by every process each time. */
export const NOTE_KEY_USE = statement(
  'users.note_key_use',
  `
  update "ApiKey" set "lastUsedAt" = now()
  where id = any($1::text[]) and ("lastUsedAt" is null or "lastUsedAt" < now() - interval '1 minute')`,
)

/** Held while a key is made: two requests at once cannot both be the last that fits. */
export const LOCK_ACCOUNT = statement('users.lock_account', `select id from "Account" where id = $1 for update`)

export const INSERT_KEY = statement<{ createdAt: Date }>(
  'users.insert_key',
  `
  insert into "ApiKey" (id, "accountId", "userId", name, prefix, hash, scopes, "agentIds", "monthlyCapMicro", "expiresAt")
  select $1, $2, $3, $4, $5, $6, $7::text[], $8::text[], $9::bigint, $10::timestamptz
  where (select count(*) from "ApiKey" where "accountId" = $2 and "revokedAt" is null
    and ("expiresAt" is null or "expiresAt" > now())) < $11
  returning "createdAt"`,
)

/** Revokes once: a second call changes nothing and says so by its count. */
export const REVOKE_KEY = statement(
  'users.revoke_key',
  `update "ApiKey" set "revokedAt" = now() where id = $1 and "accountId" = $2 and "revokedAt" is null`,
)

export const FIND_KEY_OF_ACCOUNT = statement(
  'users.find_key_of_account',
  `select id from "ApiKey" where id = $1 and "accountId" = $2`,
)

export const RENAME_KEY = statement(
  'users.rename_key',
  `update "ApiKey" set name = $3 where id = $1 and "accountId" = $2`,
)

/** Uses a link up. The guard is in the WHERE: of two clicks at once, one gets the row. */
export const USE_SETUP_LINK = statement<{ userId: string }>(
  'users.use_setup_link',
  `update "SetupLink" set "usedAt" = now() where hash = $1 and "usedAt" is null and "expiresAt" > now()
  returning "userId"`,
)

export const FIND_OPEN_SETUP_LINK = statement(
  'users.find_open_setup_link',
  `select id from "SetupLink" where hash = $1 and "usedAt" is null and "expiresAt" > now()`,
)

/** A new link makes the older ones of the same person worthless. */
export const INSERT_SETUP_LINK = statement<{ expiresAt: Date }>(
  'users.insert_setup_link',
  `with closed as (
    update "SetupLink" set "usedAt" = now() where "userId" = $2 and "usedAt" is null
  )
  insert into "SetupLink" (id, "userId", hash, "expiresAt") values ($1, $2, $3, now() + interval '1 hour')
  returning "expiresAt"`,
)

export const INSERT_USER = statement(
  'users.insert_user',
  `insert into "User" (id, email, name, roles, "emailVerifiedAt", "passwordHash")
  values ($1, $2, $3, $4::text[], $5::timestamptz, $6)
  on conflict (email) do nothing`,
)

/** The first free of $3, $3-2, $3-3, …; the unique key decides between two at once, and the caller tries again. The
 * account's ledger rows come with it by a trigger. */
export const INSERT_ACCOUNT = statement<{ slug: string }>(
  'users.insert_account',
  `
  insert into "Account" (id, name, slug, kind)
  select $1, $2, candidate, $4::"AccountKind"
  from (select case n when 1 then $3 else $3 || '-' || n end as candidate, n
    from generate_series(1, (select count(*) + 1 from "Account" where slug = $3 or slug like $3 || '-%')) n) c
  where not exists (select 1 from "Account" where slug = candidate)
  order by n limit 1
  on conflict (slug) do nothing
  returning slug`,
)

export const INSERT_MEMBER = statement(
  'users.insert_member',
  `insert into "Member" ("accountId", "userId", role) values ($1, $2, $3::"MemberRole") on conflict do nothing`,
)

export const INSERT_AUDIT_EVENT = statement(
  'users.insert_audit_event',
  `insert into "AuditEvent" (id, actor, "accountId", action, subject, details, "requestId", address)
  values ($1, $2, $3, $4, $5, $6::jsonb, $7, $8)`,
)

export const FIND_USER_BY_EMAIL = statement<{ id: string }>(
  'users.find_user_by_email',
  `select id from "User" where email = $1`,
)

/** Site admins keep their role for ever by this; nothing is taken from anybody. */
export const ADD_ADMIN_ROLE = statement(
  'users.add_admin_role',
  `update "User" set roles = array_append(roles, 'admin') where id = $1 and not 'admin' = any(roles)`,
)

export type OwnAccountRow = {
  readonly userId: string
  readonly accountId: string | null
  readonly isSiteAdmin: boolean
}

/** Somebody's own account: the personal one first. */
export const FIND_OWN_ACCOUNT = statement<OwnAccountRow>(
  'users.find_own_account',
  `
  select u.id as "userId", m."accountId", 'admin' = any(u.roles) as "isSiteAdmin"
  from "User" u
  left join "Member" m on m."userId" = u.id and m.role = 'owner'
  left join "Account" a on a.id = m."accountId"
  where u.id = $1
  order by (a.kind = 'personal') desc nulls last, m."createdAt" limit 1`,
)
