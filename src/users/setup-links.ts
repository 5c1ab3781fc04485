import { randomBytes } from 'node:crypto'
import type { Database } from '../platform/database.ts'
import { newCuid } from '../platform/ids.ts'
import { createApiKey } from './api-keys.ts'
import { recordAudit, type Origin } from './audit.ts'
import { createUserIn } from './create-user.ts'
import { hashSecret } from './keys.ts'
import { permissionsOf, SCOPES, type Principal } from './principal.ts'
import {
  ADD_ADMIN_ROLE,
  FIND_OPEN_SETUP_LINK,
  FIND_OWN_ACCOUNT,
  FIND_USER_BY_EMAIL,
  INSERT_SETUP_LINK,
  USE_SETUP_LINK,
} from './users.queries.ts'
import { usersErrors } from './users.errors.ts'
import { emailText, type CreatedKey } from './users.schema.ts'

const TOKEN = /^[A-Za-z0-9_-]{43}$/

/** Makes the first admin, or gives a lost one a way back in: a link that works once, for an hour. Whoever has the address
 * already keeps all they have and becomes an admin; older links of theirs stop working.
 * SECURITY: checks no permission. Its only door is `bureau admin create` on the machine itself.
 * @returns the path to open, under the site's address */
export async function createSetupLink(
  deps: { readonly db: Database },
  order: { readonly email: string; readonly name?: string },
): Promise<{ readonly path: string; readonly userId: string; readonly expiresAt: Date }> {
  const email = emailText.parse(order.email)
  const token = randomBytes(32).toString('base64url')
  return deps.db.transaction(async (tx) => {
    const [known] = await tx.query(FIND_USER_BY_EMAIL, [email])
    const userId =
      known?.id ??
      (
        await createUserIn(tx, 'system:admin', {
          email,
          name: order.name ?? email.split('@', 1)[0] ?? 'Admin',
          roles: ['user', 'admin'],
          isEmailVerified: true,
        })
      ).userId
    await tx.execute(ADD_ADMIN_ROLE, [userId])
    const [link] = await tx.query(INSERT_SETUP_LINK, [newCuid(), userId, hashSecret(token)])
    if (link === undefined) throw new Error('a setup link was not stored')
    await recordAudit(tx, {
      actor: 'system:admin',
      accountId: null,
      action: 'admin.link_created',
      subject: `user:${userId}`,
    })
    return { path: `/setup/${token}`, userId, expiresAt: link.expiresAt }
  })
}

/** Is this link still good? Looking at it does not use it up, so that a preview of a mail program cannot either. */
export async function isSetupLinkOpen(deps: { readonly db: Database }, token: string): Promise<boolean> {
  if (!TOKEN.test(token)) return false
  const rows = await deps.db.query(FIND_OPEN_SETUP_LINK, [hashSecret(token)])
  return rows.length > 0
}

/** Uses the link up and gives its owner a fresh key with everything they may do.
 * @throws EnhancedAppError SETUP_LINK_INVALID; of two clicks at once, one gets the key */
export async function redeemSetupLink(
  deps: { readonly db: Database },
  token: string,
  origin: Origin = {},
): Promise<CreatedKey> {
  if (!TOKEN.test(token)) throw usersErrors.SETUP_LINK_INVALID()
  const owner = await deps.db.transaction(async (tx): Promise<Principal> => {
    const [used] = await tx.query(USE_SETUP_LINK, [hashSecret(token)])
    if (used === undefined) throw usersErrors.SETUP_LINK_INVALID()
    const [own] = await tx.query(FIND_OWN_ACCOUNT, [used.userId])
    if (own === undefined || own.accountId === null) throw usersErrors.SETUP_LINK_INVALID()
    await recordAudit(
      tx,
      {
        actor: `user:${own.userId}`,
        accountId: own.accountId,
        action: 'admin.link_used',
        subject: `user:${own.userId}`,
      },
      origin,
    )
    return {
      kind: 'user',
      id: `user:${own.userId}`,
      accountId: own.accountId,
      userId: own.userId,
      permissions: permissionsOf('owner', own.isSiteAdmin),
      agentIds: null,
      isAdmin: own.isSiteAdmin,
    }
  })
  // After the link is used up, and not with it: if this fails, `bureau admin create` makes another link. The other way
  // round, a key could exist that nobody was shown.
  return createApiKey(
    deps,
    owner,
    {
      name: 'Admin (setup link)',
      scopes: SCOPES.filter((one) => owner.permissions.has(one)),
      agentIds: [],
      expiresAt: null,
      monthlyCapMicro: null,
    },
    origin,
  )
}
