import { statement } from '../../platform/database.ts'

export type ArtifactRow = {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly sizeBytes: bigint
  readonly objectKey: string
  readonly expiresAt: Date | null
}

/** Only while the run goes on: what comes after its end is in no receipt, and would be given out for nothing. */
export const INSERT_ARTIFACT = statement(
  'runs.insert_artifact',
  `insert into artifacts (account_id, id, run_id, name, type, size_bytes, sha256, object_key, expires_at)
   select $1, $2::uuid, $3::uuid, $4, $5, $6::int8, $7, $8, now() + $9::float8 * interval '1 millisecond'
   from runs r where r.account_id = $1 and r.id = $3::uuid and r.status = 'running'`,
)

/** In the order in which they were put. */
export const LIST_ARTIFACTS = statement<ArtifactRow>(
  'runs.list_artifacts',
  `select id, name, type, size_bytes as "sizeBytes", object_key as "objectKey",
     expires_at as "expiresAt" from artifacts
   where account_id = $1 and run_id = $2 and (expires_at is null or expires_at > now()) order by id`,
)
