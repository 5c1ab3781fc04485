import type { Page } from '../../http/index.ts'
import type { Queryable } from '../../platform/database.ts'
import { requireSession } from '../authorize.ts'
import type { Principal } from '../principal.ts'
import {
  COUNT_UNREAD,
  FIND_WISHES,
  LIST_NOTIFICATIONS,
  MARK_READ,
  SET_WISH,
  type NotificationRow,
} from './notifications.queries.ts'
import { BY_MAIL, type MailKind, type NotificationCursor, type NotificationView } from './notifications.schema.ts'

type Deps = { readonly db: Queryable }

/** What the person was told of, newest first: in the account they act for, and about themselves.
 * @returns up to `page.take` rows @throws SESSION_REQUIRED */
export async function listNotifications(
  { db }: Deps,
  principal: Principal,
  page: Page<NotificationCursor>,
): Promise<NotificationRow[]> {
  const { userId } = requireSession(principal)
  return db.query(LIST_NOTIFICATIONS, [userId, principal.accountId, page.after?.id ?? null, page.take])
}

/** How many they have not read; counted to 100. @throws SESSION_REQUIRED */
export async function countUnread({ db }: Deps, principal: Principal): Promise<number> {
  const { userId } = requireSession(principal)
  const [row] = await db.query(COUNT_UNREAD, [userId, principal.accountId])
  return row?.unread ?? 0
}

/** @param ids those of the person; what is another's is left alone. Null for all @throws SESSION_REQUIRED */
export async function markRead({ db }: Deps, principal: Principal, ids: readonly string[] | null): Promise<void> {
  const { userId } = requireSession(principal)
  await db.execute(MARK_READ, [userId, principal.accountId, ids])
}

/** Of which kinds a mail comes too. @throws SESSION_REQUIRED */
export async function findWishes({ db }: Deps, principal: Principal): Promise<Record<MailKind, boolean>> {
  const { userId } = requireSession(principal)
  const said = new Map((await db.query(FIND_WISHES, [userId])).map(({ kind, byMail }) => [kind, byMail]))
  const wish = (kind: MailKind): boolean => said.get(kind) ?? BY_MAIL[kind]
  return {
    run_ended: wish('run_ended'),
    credits_low: wish('credits_low'),
    agent_failing: wish('agent_failing'),
    new_session: wish('new_session'),
  }
}

/** @throws SESSION_REQUIRED */
export async function setWish({ db }: Deps, principal: Principal, kind: MailKind, byMail: boolean): Promise<void> {
  const { userId } = requireSession(principal)
  await db.execute(SET_WISH, [userId, kind, byMail])
}

export function presentNotification(row: NotificationRow): NotificationView {
  const { id, kind, accountId, accountName, data, createdAt, readAt } = row
  return {
    id,
    kind,
    account: accountId === null || accountName === null ? null : { id: accountId, name: accountName },
    data: typeof data === 'object' && data !== null ? { ...data } : {},
    createdAt: createdAt.toISOString(),
    readAt: readAt?.toISOString() ?? null,
  }
}
