import { statement } from '../../platform/database.ts'
import type { MemberRole } from '../principal.ts'

export type AccountRow = {
  readonly id: string
  readonly name: string
  readonly slug: string
  readonly kind: 'personal' | 'team' | 'platform'
  readonly role: MemberRole
  readonly createdAt: Date
}

/** The accounts somebody belongs to, by the moment they joined. Bounded: one can own 20 and be invited to more. */
export const LIST_ACCOUNTS = statement<AccountRow>(
  'users.list_accounts',
  `select a.id, a.name, a.slug, a.kind, m.role, m."createdAt"
   from "Member" m join "Account" a on a.id = m."accountId"
   where m."userId" = $1 and ($2::timestamptz is null or (m."createdAt", a.id) > ($2, $3))
   order by m."createdAt", a.id limit $4`,
)

/** Locked, so that two requests at once cannot both be the last that fits. */
export const LOCK_USER = statement('users.lock_user', `select id from "User" where id = $1 for update`)

export const COUNT_OWNED = statement<{ owned: number }>(
  'users.count_owned',
  `select count(*)::int as owned from "Member" where "userId" = $1 and role = 'owner'`,
)

export type LockedAccount = { readonly kind: 'personal' | 'team' | 'platform'; readonly name: string }

/** Taken before anything is decided about members: of two changes at once the second one sees the first. */
export const LOCK_MEMBERS = statement<LockedAccount>(
  'users.lock_members',
  `select kind, name from "Account" where id = $1 for update`,
)

/** The roles as they are now, not as the session remembered them a moment ago. */
export const FIND_ROLES = statement<{ userId: string; role: MemberRole }>(
  'users.find_roles',
  `select "userId", role from "Member" where "accountId" = $1 and "userId" = any($2::text[])`,
)

export type MemberRow = {
  readonly userId: string
  readonly name: string
  readonly email: string
  readonly role: MemberRole
  readonly hasTwoFactor: boolean
  readonly createdAt: Date
}

export const LIST_MEMBERS = statement<MemberRow>(
  'users.list_members',
  `select u.id as "userId", u.name, u.email, m.role, u."totpConfirmedAt" is not null as "hasTwoFactor", m."createdAt"
   from "Member" m join "User" u on u.id = m."userId"
   where m."accountId" = $1 and ($2::timestamptz is null or (m."createdAt", u.id) > ($2, $3))
   order by m."createdAt", u.id limit $4`,
)

/** The last owner stays one: the guard is in the WHERE, behind the lock on the account. */
export const CHANGE_ROLE = statement(
  'users.change_role',
  `update "Member" set role = $3::"MemberRole" where "accountId" = $1 and "userId" = $2
     and (role <> 'owner' or $3 = 'owner' or exists (
       select 1 from "Member" o where o."accountId" = $1 and o.role = 'owner' and o."userId" <> $2))`,
)

export const REMOVE_MEMBER = statement(
  'users.remove_member',
  `delete from "Member" where "accountId" = $1 and "userId" = $2
     and (role <> 'owner' or exists (
       select 1 from "Member" o where o."accountId" = $1 and o.role = 'owner' and o."userId" <> $2))`,
)

/** Sessions that acted for the account go back to the person's own. */
export const RETURN_SESSIONS = statement<{ id: string }>(
  'users.return_sessions',
  `update "Session" s set "accountId" = own.id
   from "Account" own join "Member" m on m."accountId" = own.id and m.role = 'owner'
   where s."accountId" = $1 and s."userId" = $2 and m."userId" = $2 and own.kind = 'personal'
   returning s.id`,
)

/** What somebody offered who may offer nothing any more. */
export const REVOKE_INVITATIONS_OF = statement(
  'users.revoke_invitations_of',
  `update "Invitation" set "revokedAt" = now() where "accountId" = $1 and "invitedBy" = $2
     and num_nonnulls("acceptedAt", "declinedAt", "revokedAt") = 0`,
)

export const COUNT_OPEN_INVITATIONS = statement<{ open: number }>(
  'users.count_open_invitations',
  `select count(*)::int as open from "Invitation" where "accountId" = $1 and email <> $2
     and num_nonnulls("acceptedAt", "declinedAt", "revokedAt") = 0 and "expiresAt" > now()`,
)

/** Who has the address that is invited, if anybody has, and by what name they know who invites. */
export const FIND_INVITED = statement<{ userId: string; inviter: string }>(
  'users.find_invited',
  `select u.id as "userId", i.name as inviter from "User" u, "User" i where u.email = $1 and i.id = $2`,
)

export const IS_MEMBER_BY_EMAIL = statement<{ userId: string }>(
  'users.is_member_by_email',
  `select m."userId" from "Member" m join "User" u on u.id = m."userId" where m."accountId" = $1 and u.email = $2`,
)

export type InvitationRow = {
  readonly id: string
  readonly email: string
  readonly role: MemberRole
  readonly invitedBy: string
  readonly expiresAt: Date
  readonly createdAt: Date
}

/** Inviting an address again renews the invitation under a new id: the link that went out before works no more. */
export const INSERT_INVITATION = statement<InvitationRow>(
  'users.insert_invitation',
  `insert into "Invitation" as i (id, "accountId", email, role, "invitedBy", "expiresAt")
   values ($1, $2, $3, $4::"MemberRole", $5, now() + interval '7 days')
   on conflict ("accountId", email) where "acceptedAt" is null and "declinedAt" is null and "revokedAt" is null
   do update set id = excluded.id, role = excluded.role, "invitedBy" = excluded."invitedBy",
     "expiresAt" = excluded."expiresAt", "createdAt" = now()
   returning id, email, role, "invitedBy", "expiresAt", "createdAt"`,
)

export const LIST_INVITATIONS = statement<InvitationRow>(
  'users.list_invitations',
  `select id, email, role, "invitedBy", "expiresAt", "createdAt" from "Invitation"
   where "accountId" = $1 and num_nonnulls("acceptedAt", "declinedAt", "revokedAt") = 0 and "expiresAt" > now()
     and ($2::timestamptz is null or ("createdAt", id) < ($2, $3))
   order by "createdAt" desc, id desc limit $4`,
)

export const REVOKE_INVITATION = statement<{ email: string }>(
  'users.revoke_invitation',
  `update "Invitation" set "revokedAt" = now() where id = $1 and "accountId" = $2
     and num_nonnulls("acceptedAt", "declinedAt", "revokedAt") = 0 returning email`,
)

export type InvitationState = {
  readonly accountId: string
  readonly accountName: string
  readonly email: string
  readonly role: MemberRole
  readonly inviter: string | null
  readonly expiresAt: Date
  readonly isClosed: boolean
  readonly isExpired: boolean
}

export const FIND_INVITATION = statement<InvitationState>(
  'users.find_invitation',
  `select i."accountId", a.name as "accountName", i.email, i.role, u.name as inviter, i."expiresAt",
     num_nonnulls(i."acceptedAt", i."declinedAt", i."revokedAt") > 0 as "isClosed", i."expiresAt" <= now() as "isExpired"
   from "Invitation" i join "Account" a on a.id = i."accountId" left join "User" u on u.id = i."invitedBy"
   where i.id = $1`,
)

/** Of two clicks at once, one gets the row. */
export const ACCEPT_INVITATION = statement<{ accountId: string; role: MemberRole }>(
  'users.accept_invitation',
  `update "Invitation" set "acceptedAt" = now() where id = $1 and email = $2 and "expiresAt" > now()
     and num_nonnulls("acceptedAt", "declinedAt", "revokedAt") = 0 returning "accountId", role`,
)

export const DECLINE_INVITATION = statement<{ accountId: string }>(
  'users.decline_invitation',
  `update "Invitation" set "declinedAt" = now() where id = $1 and "expiresAt" > now()
     and num_nonnulls("acceptedAt", "declinedAt", "revokedAt") = 0 returning "accountId"`,
)
