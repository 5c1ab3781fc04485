import type { Page } from '../http/index.ts'
import type { Database } from '../platform/database.ts'
import type { ApiKey } from '../platform/generated/prisma/client.ts'
import { newCuid } from '../platform/ids.ts'
import type { Prisma } from '../platform/prisma.ts'
import { recordAudit, type Origin } from './audit.ts'
import { authorize } from './authorize.ts'
import { makeKey } from './keys.ts'
import type { Principal } from './principal.ts'
import { FIND_KEY_OF_ACCOUNT, INSERT_KEY, LOCK_ACCOUNT, RENAME_KEY, REVOKE_KEY } from './users.queries.ts'
import { usersErrors } from './users.errors.ts'
import type { CreatedKey, KeyCursor, KeyView, NewKey } from './users.schema.ts'

/** Active keys of one account. More than anybody needs, and a bound on what a stolen key could leave behind. */
const MAX_ACTIVE_KEYS = 200

export type ApiKeyDeps = { readonly db: Database; readonly prisma: Prisma }

/** A new key of the caller's account. The key itself is in the answer and nowhere else.
 * @throws EnhancedAppError FORBIDDEN where the key could do more than its maker, KEY_LIMIT_REACHED */
export async function createApiKey(
  deps: { readonly db: Database },
  principal: Principal,
  order: NewKey,
  origin: Origin = {},
): Promise<CreatedKey> {
  authorize(principal, 'keys.write')
  for (const scope of order.scopes) authorize(principal, scope)
  const agentIds = order.agentIds.length > 0 ? order.agentIds : (principal.agentIds ?? [])
  for (const agentId of agentIds) authorize(principal, 'keys.write', { agentId })
  // Keys belong to people: who leaves the account takes their keys' power along.
  const { userId } = principal
  if (userId === null) throw usersErrors.FORBIDDEN({ permission: 'keys.write' })
  const fresh = makeKey()
  const id = newCuid()
  const expiresAt = order.expiresAt === null ? null : new Date(order.expiresAt)
  const scopes = [...new Set(order.scopes)]
  const createdAt = await deps.db.transaction(async (tx) => {
    await tx.query(LOCK_ACCOUNT, [principal.accountId])
    const [row] = await tx.query(INSERT_KEY, [
      id,
      principal.accountId,
      userId,
      order.name,
      fresh.prefix,
      fresh.hash,
      scopes,
      agentIds,
      order.monthlyCapMicro,
      expiresAt,
      MAX_ACTIVE_KEYS,
    ])
    if (row === undefined) throw usersErrors.KEY_LIMIT_REACHED({ limit: MAX_ACTIVE_KEYS })
    await recordAudit(
      tx,
      {
        actor: principal.id,
        accountId: principal.accountId,
        action: 'key.created',
        subject: `key:${id}`,
        details: { name: order.name, prefix: fresh.prefix, scopes, agentIds, expiresAt },
      },
      origin,
    )
    return row.createdAt
  })
  return {
    key: fresh.text,
    id,
    name: order.name,
    prefix: fresh.prefix,
    scopes,
    agentIds: [...agentIds],
    monthlyCapMicro: order.monthlyCapMicro,
    expiresAt: expiresAt?.toISOString() ?? null,
    lastUsedAt: null,
    revokedAt: null,
    createdAt: createdAt.toISOString(),
  }
}

/** The account's keys, newest first, revoked ones too. Up to `page.take` rows. */
export async function listApiKeys(
  deps: { readonly prisma: Prisma },
  principal: Principal,
  page: Page<KeyCursor>,
): Promise<ApiKey[]> {
  authorize(principal, 'keys.read')
  const after = page.after
  return deps.prisma.apiKey.findMany({
    where: {
      accountId: principal.accountId,
      ...(after && { OR: [{ createdAt: { lt: after[0] } }, { createdAt: after[0], id: { lt: after[1] } }] }),
    },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: page.take,
  })
}

/** Revokes a key of the caller's account; a second time changes nothing. Refused everywhere within a second.
 * @throws EnhancedAppError KEY_NOT_FOUND also for a key of somebody else */
export async function revokeApiKey(
  deps: { readonly db: Database },
  principal: Principal,
  keyId: string,
  origin: Origin = {},
): Promise<void> {
  authorize(principal, 'keys.write')
  await deps.db.transaction(async (tx) => {
    const revoked = await tx.execute(REVOKE_KEY, [keyId, principal.accountId])
    if (revoked === 0) {
      const known = await tx.query(FIND_KEY_OF_ACCOUNT, [keyId, principal.accountId])
      if (known.length === 0) throw usersErrors.KEY_NOT_FOUND()
      return
    }
    await recordAudit(
      tx,
      { actor: principal.id, accountId: principal.accountId, action: 'key.revoked', subject: `key:${keyId}` },
      origin,
    )
  })
}

/** Calls a key of the caller's account something else. @throws EnhancedAppError KEY_NOT_FOUND, FORBIDDEN */
export async function renameApiKey(
  deps: { readonly db: Database },
  principal: Principal,
  keyId: string,
  name: string,
  origin: Origin = {},
): Promise<void> {
  authorize(principal, 'keys.write')
  await deps.db.transaction(async (tx) => {
    if ((await tx.execute(RENAME_KEY, [keyId, principal.accountId, name])) === 0) throw usersErrors.KEY_NOT_FOUND()
    const { id: actor, accountId } = principal
    await recordAudit(
      tx,
      { actor, accountId, action: 'key.renamed', subject: `key:${keyId}`, details: { name } },
      origin,
    )
  })
}

/** A key as its account sees it. */
export function presentKey(row: ApiKey): KeyView {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    agentIds: row.agentIds,
    monthlyCapMicro: row.monthlyCapMicro?.toString() ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    revokedAt: row.revokedAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
  }
}
