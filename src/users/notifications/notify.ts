import type { z } from 'zod'
import type { Queryable } from '../../platform/database.ts'
import { newUuidV7 } from '../../platform/ids.ts'
import { permissionsOf, MEMBER_ROLES, type Permission } from '../principal.ts'
import { FIND_MEMBERS, INSERT_NOTIFICATIONS } from './notifications.queries.ts'
import { BY_MAIL, notificationData, type NotificationKind } from './notifications.schema.ts'

/** Who is told: one person, or the members of an account who may do what it is about. */
export type Audience =
  | { readonly userId: string; readonly accountId: string | null }
  | { readonly accountId: string; readonly whoMay: Permission }

export type News<K extends NotificationKind> = {
  readonly kind: K
  /** Of this kind a person is told once under this name. */
  readonly once: string
  readonly data: z.input<(typeof notificationData)[K]>
}

/** Puts something on the lists of whom it concerns. With a transaction as `db` it is told if that commits.
 * SECURITY: checks nothing; the caller knows that it is theirs to hear. */
export async function notify<K extends NotificationKind>(
  db: Queryable,
  audience: Audience,
  { kind, once, data }: News<K>,
): Promise<void> {
  const userIds = 'userId' in audience ? [audience.userId] : await membersOf(db, audience.accountId, audience.whoMay)
  if (userIds.length === 0) return
  const mails: Readonly<Partial<Record<NotificationKind, boolean>>> = BY_MAIL
  await db.execute(INSERT_NOTIFICATIONS, [
    userIds.map(() => newUuidV7()),
    userIds,
    audience.accountId,
    kind,
    once,
    JSON.stringify(notificationData[kind].parse(data)),
    mails[kind] ?? null,
  ])
}

async function membersOf(db: Queryable, accountId: string, whoMay: Permission): Promise<string[]> {
  const roles = MEMBER_ROLES.filter((role) => permissionsOf(role, false).has(whoMay))
  return (await db.query(FIND_MEMBERS, [accountId, roles])).map(({ userId }) => userId)
}
