import { statement } from '../../platform/database.ts'

/** Registrations and resets are kept for whoever asks, known or not: what follows happens out of their sight. */
export const INSERT_REGISTRATION = statement(
  'users.insert_registration',
  `insert into "Registration" (id, email, name, "passwordHash", "expiresAt")
   values ($1, $2, $3, $4, now() + interval '24 hours')`,
)

/** The latest that can still be verified: its link is sent again. */
export const FIND_OPEN_REGISTRATION = statement<{ id: string }>(
  'users.find_open_registration',
  `select id from "Registration" where email = $1 and "usedAt" is null and "expiresAt" > now()
   order by "createdAt" desc limit 1`,
)

export type RegistrationRow = { readonly email: string; readonly name: string; readonly passwordHash: string }

/** Uses a link up. The guard is in the WHERE: of two clicks at once, one gets the row. */
export const USE_REGISTRATION = statement<RegistrationRow>(
  'users.use_registration',
  `update "Registration" set "usedAt" = now() where id = $1 and "usedAt" is null and "expiresAt" > now()
   returning email, name, "passwordHash"`,
)

/** The other registrations of a person who exists now lead nowhere. */
export const CLOSE_REGISTRATIONS = statement(
  'users.close_registrations',
  `update "Registration" set "usedAt" = now() where email = $1 and "usedAt" is null`,
)

export type LinkRow = { readonly email: string; readonly isUsed: boolean; readonly isExpired: boolean }

export const FIND_REGISTRATION = statement<LinkRow & { readonly isTaken: boolean }>(
  'users.find_registration',
  `select r.email, r."usedAt" is not null as "isUsed", r."expiresAt" <= now() as "isExpired",
     exists (select 1 from "User" u where u.email = r.email) as "isTaken"
   from "Registration" r where r.id = $1`,
)

export const INSERT_RESET = statement(
  'users.insert_reset',
  `insert into "PasswordReset" (id, email, "expiresAt") values ($1, $2, now() + interval '1 hour')`,
)

export type ResetRow = LinkRow & { readonly userId: string | null; readonly name: string | null }

/** The reset, and whom it is for if there is such a person. */
export const FIND_RESET = statement<ResetRow>(
  'users.find_reset',
  `select r.email, r."usedAt" is not null as "isUsed", r."expiresAt" <= now() as "isExpired", u.id as "userId", u.name
   from "PasswordReset" r left join "User" u on u.email = r.email where r.id = $1`,
)

export const USE_RESET = statement(
  'users.use_reset',
  `update "PasswordReset" set "usedAt" = now() where id = $1 and "usedAt" is null and "expiresAt" > now()`,
)

/** Older links to set a password end with the new password. */
export const CLOSE_RESETS = statement(
  'users.close_resets',
  `update "PasswordReset" set "usedAt" = now() where email = $1 and "usedAt" is null`,
)

/** Who followed the link has the mailbox: their address is verified by that as well.
 * @returns whether it was not before */
export const SET_PASSWORD = statement<{ wasVerified: boolean }>(
  'users.set_password',
  `with before as (select id, "emailVerifiedAt" is not null as "wasVerified" from "User" where id = $1 for update)
   update "User" u set "passwordHash" = $2, "emailVerifiedAt" = coalesce(u."emailVerifiedAt", now())
   from before where u.id = before.id returning before."wasVerified"`,
)

/** The guard is the old hash: of two changes at once by the same old password, one is made. */
export const REPLACE_PASSWORD = statement(
  'users.replace_password',
  `update "User" set "passwordHash" = $3 where id = $1 and "passwordHash" = $2`,
)

export type PersonRow = {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly passwordHash: string | null
}

export const FIND_PERSON = statement<PersonRow>(
  'users.find_person',
  `select id, email, name, "passwordHash" from "User" where id = $1`,
)

export const RENAME_PERSON = statement('users.rename_person', `update "User" set name = $2 where id = $1`)
