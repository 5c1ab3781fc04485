import { statement } from '../../platform/database.ts'

export type UploadRow = {
  id: string
  name: string
  type: string
  sizeBytes: bigint
  sha256: string
  objectKey: string
  createdAt: Date
  expiresAt: Date | null
}

const COLUMNS = `id, name, type, size_bytes as "sizeBytes", sha256, object_key as "objectKey",
  created_at as "createdAt", expires_at as "expiresAt"`

/** What is still there counts, expired or not: the space comes back when the cleanup has removed it. A file that arrives in
 * pieces counts whole from the moment it is announced, so that it is not refused at its last byte. By the primary keys,
 * over the account's own files. */
export const USED_BY_UPLOADS = statement<{ bytes: bigint }>(
  'runs.used_by_uploads',
  `select ((select coalesce(sum(size_bytes), 0) from uploads where account_id = $1)
     + (select coalesce(sum(size_bytes), 0) from partial_uploads where account_id = $1))::int8 as bytes`,
)

/** Held to the end of the transaction, so that the sum below is that of one upload after the other. */
export const LOCK_UPLOADS = statement(
  'runs.lock_uploads',
  `select pg_advisory_xact_lock(hashtextextended('uploads ' || $1, 0))`,
)

export const INSERT_UPLOAD = statement(
  'runs.insert_upload',
  `insert into uploads (account_id, id, name, type, size_bytes, sha256, object_key, expires_at)
   select $1, $2::uuid, $3, $4, $5::int8, $6, $7, $8::timestamptz
   where (select coalesce(sum(size_bytes), 0) from uploads where account_id = $1)
     + (select coalesce(sum(size_bytes), 0) from partial_uploads where account_id = $1 and id <> $2::uuid)
     + $5::int8 <= $9::int8
   on conflict (account_id, id) do nothing`,
)

export const FIND_UPLOADS = statement<UploadRow>(
  'runs.find_uploads',
  `select ${COLUMNS} from uploads where account_id = $1 and id = any ($2) and (expires_at is null or expires_at > now())`,
)

/** ($2) the last one of the page before, $3 rows. Ids are UUIDv7, so newest first. */
export const LIST_UPLOADS = statement<UploadRow>(
  'runs.list_uploads',
  `select ${COLUMNS} from uploads where account_id = $1 and ($2::uuid is null or id < $2)
     and (expires_at is null or expires_at > now())
   order by id desc limit $3`,
)

export const DELETE_UPLOADS = statement(
  'runs.delete_uploads',
  'delete from uploads where account_id = $1 and id = any ($2)',
)
