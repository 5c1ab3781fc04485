import { statement } from '../../platform/database.ts'
import type { Provider } from './identities.schema.ts'

export type PersonOfIdentity = {
  readonly id: string
  readonly passwordHash: string | null
  readonly hasTwoFactor: boolean
  readonly isVerified: boolean
}

const PERSON = `u.id, u."passwordHash", u."totpConfirmedAt" is not null as "hasTwoFactor",
  u."emailVerifiedAt" is not null as "isVerified"`

export const FIND_BY_IDENTITY = statement<PersonOfIdentity>(
  'users.find_by_identity',
  `select ${PERSON} from "Identity" i join "User" u on u.id = i."userId" where i.provider = $1 and i.subject = $2`,
)

export const FIND_BY_EMAIL = statement<PersonOfIdentity>(
  'users.find_person_by_email',
  `select ${PERSON} from "User" u where u.email = $1`,
)

/** The keys decide: a subject signs one person in, and a person has one of each provider. That the address is verified
 * stands in the WHERE, because it is what the link rests on; by their own session ($5) a person proves more. */
export const INSERT_IDENTITY = statement(
  'users.insert_identity',
  `insert into "Identity" (provider, subject, "userId", email)
   select $1, $2, u.id, $4 from "User" u
   where u.id = $3 and ($5::boolean or u.email = $4 and u."emailVerifiedAt" is not null)
   on conflict do nothing`,
)

export const NOTE_IDENTITY_USE = statement(
  'users.note_identity_use',
  `update "Identity" set "lastUsedAt" = now(), email = $3 where provider = $1 and subject = $2`,
)

export type IdentityRow = {
  readonly provider: Provider
  readonly email: string
  readonly createdAt: Date
  readonly lastUsedAt: Date | null
}

export const LIST_IDENTITIES = statement<IdentityRow>(
  'users.list_identities',
  `select provider, email, "createdAt", "lastUsedAt" from "Identity" where "userId" = $1 order by "createdAt"`,
)

/** Never the only way in: of two unlinked at once the second waits for the person's row and then finds itself the last. */
export const LOCK_PERSON = statement<{ hasPassword: boolean }>(
  'users.lock_person',
  `select "passwordHash" is not null as "hasPassword" from "User" where id = $1 for update`,
)

export const DELETE_IDENTITY = statement(
  'users.delete_identity',
  `delete from "Identity" i where i."userId" = $1 and i.provider = $2
     and ($3::boolean or exists (select 1 from "Identity" o where o."userId" = $1 and o.provider <> $2))`,
)
