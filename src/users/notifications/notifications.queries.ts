import { statement } from '../../platform/database.ts'
import type { NotificationKind } from './notifications.schema.ts'

/** One row each, and none a second time. Whether a mail is due follows the person's wish, or the kind's own.
 * @param $1 ids $2 users $3 account $4 kind $5 once $6 data $7 by mail without a wish, null for never */
export const INSERT_NOTIFICATIONS = statement(
  'users.insert_notifications',
  `insert into "Notification" (id, "userId", "accountId", kind, once, data, "mailDue")
   select told.id, told.user_id, $3::text, $4::text, $5::text, $6::jsonb,
     case when $7::boolean is null then false else coalesce(w."byMail", $7) end
   from unnest($1::uuid[], $2::text[]) as told (id, user_id)
   left join "NotificationWish" w on w."userId" = told.user_id and w.kind = $4
   on conflict ("userId", kind, once) do nothing`,
)

export const FIND_MEMBERS = statement<{ userId: string }>(
  'users.find_members_to_tell',
  `select "userId" from "Member" where "accountId" = $1 and role::text = any ($2::text[])`,
)

export type NotificationRow = {
  readonly id: string
  readonly kind: NotificationKind
  readonly accountId: string | null
  readonly accountName: string | null
  readonly data: unknown
  readonly createdAt: Date
  readonly readAt: Date | null
}

/** Of the account that the person acts for, and what is about the person in any. Index: Notification_userId_id_idx. */
export const LIST_NOTIFICATIONS = statement<NotificationRow>(
  'users.list_notifications',
  `select n.id, n.kind, n."accountId", a.name as "accountName", n.data, n."createdAt", n."readAt"
   from "Notification" n left join "Account" a on a.id = n."accountId"
   where n."userId" = $1 and (n."accountId" is null or n."accountId" = $2) and ($3::uuid is null or n.id < $3)
   order by n.id desc limit $4`,
)

export const COUNT_UNREAD = statement<{ unread: number }>(
  'users.count_unread',
  `select count(*)::int as unread from (select 1 from "Notification"
   where "userId" = $1 and ("accountId" is null or "accountId" = $2) and "readAt" is null limit 100) n`,
)

/** @param $3 ids, null for all of them */
export const MARK_READ = statement(
  'users.mark_read',
  `update "Notification" set "readAt" = now(), "mailDue" = false
   where "userId" = $1 and ("accountId" is null or "accountId" = $2) and "readAt" is null
     and ($3::uuid[] is null or id = any ($3))`,
)

export const FIND_WISHES = statement<{ kind: string; byMail: boolean }>(
  'users.find_wishes',
  `select kind, "byMail" from "NotificationWish" where "userId" = $1`,
)

export const SET_WISH = statement(
  'users.set_wish',
  `insert into "NotificationWish" ("userId", kind, "byMail") values ($1, $2, $3)
   on conflict ("userId", kind) do update set "byMail" = excluded."byMail"`,
)

/** Index: notification_mail_due. What was read meanwhile needs no mail: MARK_READ took it out. */
export const TAKE_DUE_MAILS = statement<{ id: string }>(
  'users.take_due_mails',
  `update "Notification" set "mailDue" = false where id = any (array(
     select id from "Notification" where "mailDue" order by id limit $1 for update skip locked))
   returning id`,
)

export const FIND_NOTIFICATION_MAIL = statement<{ email: string; kind: NotificationKind; data: unknown }>(
  'users.find_notification_mail',
  `select u.email, n.kind, n.data from "Notification" n join "User" u on u.id = n."userId" where n.id = $1`,
)
