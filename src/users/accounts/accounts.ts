import type { Page } from '../../http/index.ts'
import type { Database } from '../../platform/database.ts'
import { recordAudit, type Origin } from '../audit.ts'
import { requireSession } from '../authorize.ts'
import { createAccount, slugOf } from '../create-user.ts'
import type { Principal } from '../principal.ts'
import { INSERT_MEMBER } from '../users.queries.ts'
import { usersErrors } from '../users.errors.ts'
import { COUNT_OWNED, LIST_ACCOUNTS, LOCK_USER, type AccountRow } from './accounts.queries.ts'
import type { AccountView, JoinCursor } from './accounts.schema.ts'

/** Accounts that one person may own. */
const MAX_OWNED = 20

/** The accounts a person belongs to, by when they joined. Up to `page.take` rows. @throws SESSION_REQUIRED */
export async function listAccounts(
  deps: { readonly db: Database },
  principal: Principal,
  page: Page<JoinCursor>,
): Promise<AccountRow[]> {
  const { userId } = requireSession(principal)
  const [at = null, id = null] = page.after ?? []
  return deps.db.query(LIST_ACCOUNTS, [userId, at, id, page.take])
}

/** An account for a team, owned by who makes it. @throws EnhancedAppError SESSION_REQUIRED, ACCOUNT_LIMIT_REACHED */
export async function createTeam(
  deps: { readonly db: Database },
  principal: Principal,
  name: string,
  origin: Origin,
): Promise<AccountView> {
  const { userId } = requireSession(principal)
  return deps.db.transaction(async (tx) => {
    await tx.query(LOCK_USER, [userId])
    const [count] = await tx.query(COUNT_OWNED, [userId])
    if ((count?.owned ?? 0) >= MAX_OWNED) throw usersErrors.ACCOUNT_LIMIT_REACHED({ limit: MAX_OWNED })
    const { accountId, slug } = await createAccount(tx, { name, kind: 'team', slug: slugOf(name) })
    await tx.execute(INSERT_MEMBER, [accountId, userId, 'owner'])
    const subject = `account:${accountId}`
    await recordAudit(
      tx,
      { actor: principal.id, accountId, action: 'account.created', subject, details: { name } },
      origin,
    )
    return { id: accountId, name, slug, kind: 'team', role: 'owner', isCurrent: false }
  })
}

/** An account as its member sees it. */
export const presentAccount =
  (currentId: string) =>
  (row: AccountRow): AccountView => ({
    id: row.id,
    name: row.name,
    slug: row.slug,
    kind: row.kind,
    role: row.role,
    isCurrent: row.id === currentId,
  })
