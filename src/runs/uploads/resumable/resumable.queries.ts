import { statement } from '../../../platform/database.ts'

export type PartialRow = {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly sizeBytes: bigint
  readonly receivedBytes: bigint
  readonly expiresAt: Date
}

/** Under the account's lock (LOCK_UPLOADS), as the booking of a whole file is: both count both. */
export const INSERT_PARTIAL = statement(
  'runs.insert_partial_upload',
  `insert into partial_uploads (account_id, id, name, type, size_bytes, expires_at)
   select $1, $2::uuid, $3, $4, $5::int8, $6::timestamptz
   where (select coalesce(sum(size_bytes), 0) from uploads where account_id = $1)
     + (select coalesce(sum(size_bytes), 0) from partial_uploads where account_id = $1) + $5::int8 <= $7::int8`,
)

export const FIND_PARTIAL = statement<PartialRow>(
  'runs.find_partial_upload',
  `select id, name, type, size_bytes as "sizeBytes", received_bytes as "receivedBytes", expires_at as "expiresAt"
   from partial_uploads where account_id = $1 and id = $2 and expires_at > now()`,
)

/** Before the object: what is in the store stands in a row, also after a crash. */
export const ANNOUNCE_PART = statement(
  'runs.announce_upload_part',
  'insert into upload_parts (account_id, id, upload_id, start_at, object_key) values ($1, $2, $3, $4, $5)',
)

/** Two senders of the same piece: the offset in the WHERE lets one of them win, and the other's part is nobody's. */
export const ACCEPT_PART = statement(
  'runs.accept_upload_part',
  `with moved as (
     update partial_uploads set received_bytes = received_bytes + $5::int8, expires_at = $6::timestamptz
     where account_id = $1 and id = $2 and received_bytes = $4::int8 and expires_at > now() returning id)
   update upload_parts p set size_bytes = $5::int8 from moved where p.account_id = $1 and p.id = $3`,
)

export type PartRow = { readonly id: string; readonly objectKey: string; readonly sizeBytes: bigint | null }

/** In the order of the file. Those that were not accepted have no size. */
export const LIST_PARTS = statement<PartRow>(
  'runs.list_upload_parts',
  `select id, object_key as "objectKey", size_bytes as "sizeBytes" from upload_parts
   where account_id = $1 and upload_id = $2 order by start_at, id`,
)

export const DELETE_PART = statement(
  'runs.delete_upload_part',
  'delete from upload_parts where account_id = $1 and id = $2',
)

export const DELETE_PARTIAL = statement(
  'runs.delete_partial_upload',
  'delete from partial_uploads where account_id = $1 and id = $2',
)

export const DELETE_EXPIRED_PARTIALS = statement(
  'runs.delete_expired_partial_uploads',
  'delete from partial_uploads where expires_at <= now()',
)

/** Parts whose upload is whole, was given up or has expired. There are as many parts as there are uploads under way. */
export const FIND_LEFT_PARTS = statement<PartRow & { readonly accountId: string }>(
  'runs.find_left_upload_parts',
  `select p.account_id as "accountId", p.id, p.object_key as "objectKey", p.size_bytes as "sizeBytes" from upload_parts p
   where not exists (select 1 from partial_uploads u where u.account_id = p.account_id and u.id = p.upload_id)
   order by p.account_id, p.id limit $1`,
)
