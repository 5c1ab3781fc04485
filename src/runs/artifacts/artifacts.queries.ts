import { statement } from '../../platform/database.ts'

export type ArtifactRow = {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly sizeBytes: bigint
  readonly objectKey: string
  readonly expiresAt: Date | null
}

export const INSERT_ARTIFACT = statement(
  'runs.insert_artifact',
  `insert into artifacts (account_id, id, run_id, name, type, size_bytes, sha256, object_key, expires_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9::float8 * interval '1 millisecond')`,
)

/** In the order in which they were put. */
export const LIST_ARTIFACTS = statement<ArtifactRow>(
  'runs.list_artifacts',
  `select id, name, type, size_bytes as "sizeBytes", object_key as "objectKey",
     expires_at as "expiresAt" from artifacts
   where account_id = $1 and run_id = $2 and (expires_at is null or expires_at > now()) order by id`,
)
