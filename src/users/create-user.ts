import type { Database, Transaction } from '../platform/database.ts'
import { newCuid } from '../platform/ids.ts'
import { recordAudit, type Origin } from './audit.ts'
import { INSERT_ACCOUNT, INSERT_MEMBER, INSERT_USER } from './users.queries.ts'
import { usersErrors } from './users.errors.ts'
import { emailText } from './users.schema.ts'

export type NewUser = {
  readonly email: string
  readonly name: string
  readonly roles?: readonly ('user' | 'creator' | 'admin')[]
  /** The address is known to be theirs: an operator gave it, or a provider vouches for it. */
  readonly isEmailVerified?: boolean
  /** As `people/passwords.ts` makes it; without one they sign in some other way. */
  readonly passwordHash?: string
  /** How their account is called in addresses; from the name where not given. */
  readonly slug?: string
}

/** A person with the account that is theirs. Who makes them is the audit's actor.
 * SECURITY: checks no permission: registration, the first start and `bureau admin create` are its doors.
 * @throws EnhancedAppError EMAIL_TAKEN */
export async function createUser(
  deps: { readonly db: Database },
  actor: string,
  user: NewUser,
): Promise<{ readonly userId: string; readonly accountId: string; readonly slug: string }> {
  return deps.db.transaction((tx) => createUserIn(tx, actor, user))
}

/** {@link createUser} as part of a larger transaction. */
export async function createUserIn(tx: Transaction, actor: string, user: NewUser, origin: Origin = {}) {
  const email = emailText.parse(user.email)
  const userId = newCuid()
  const verifiedAt = user.isEmailVerified === true ? new Date() : null
  const made = await tx.execute(INSERT_USER, [
    userId,
    email,
    user.name,
    user.roles ?? ['user'],
    verifiedAt,
    user.passwordHash ?? null,
  ])
  if (made === 0) throw usersErrors.EMAIL_TAKEN()
  const account = await createAccount(tx, { name: user.name, kind: 'personal', slug: user.slug ?? slugOf(user.name) })
  await tx.execute(INSERT_MEMBER, [account.accountId, userId, 'owner'])
  await recordAudit(
    tx,
    { actor, accountId: account.accountId, action: 'user.created', subject: `user:${userId}` },
    origin,
  )
  return { userId, ...account }
}

/** An account with a slug that nobody has. Its ledger rows come with it (a trigger of the database). */
export async function createAccount(
  tx: Transaction,
  account: { readonly name: string; readonly kind: 'personal' | 'team'; readonly slug: string },
): Promise<{ readonly accountId: string; readonly slug: string }> {
  const accountId = newCuid()
  // Somebody else may take the same slug between our look and our insert; the next look sees theirs.
  for (let tries = 0; tries < 5; tries++) {
    const [row] = await tx.query(INSERT_ACCOUNT, [accountId, account.name, account.slug, account.kind])
    if (row !== undefined) return { accountId, slug: row.slug }
  }
  throw new Error(`no free slug was found for ${account.slug}`)
}

/** A name as it may stand in an address: `Ada Lovelace` -> `ada-lovelace`. At most 40 characters, never empty. */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[\u0300-\u036f]/g, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replaceAll(/^-+|-+$/g, '')
  return slug === '' ? 'account' : slug
}
