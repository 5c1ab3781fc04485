import { statement } from '../../platform/database.ts'

export type ArtifactRow = {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly sizeBytes: bigint
  readonly objectKey: string
  readonly expiresAt: Date | null
  readonly isWithheld: boolean
}

/** Only while the run goes on, and withheld until it is known to be delivered. */
export const INSERT_ARTIFACT = statement(
  'runs.insert_artifact',
  `insert into artifacts (account_id, id, run_id, name, type, size_bytes, sha256, object_key, expires_at,
     is_withheld)
   select $1, $2::uuid, $3::uuid, $4, $5, $6::int8, $7, $8, now() + $9::float8 * interval '1 millisecond', true
   from runs r where r.account_id = $1 and r.id = $3::uuid and r.status = 'running'`,
)

/** Only by the process that executes the run, while it does. The run's row is locked, so that nobody else settles it in
 * between and then gives out what came afterwards. */
export const GIVE_OUT_ARTIFACTS = statement(
  'runs.give_out_artifacts',
  `with ours as (select 1 from runs
     where account_id = $1 and id = $2::uuid and status = 'running' and owner = $4::uuid for share)
   update artifacts set is_withheld = false
   where account_id = $1 and run_id = $2::uuid and id = any($3::uuid[]) and exists (select 1 from ours)`,
)

/** In the order in which they were put. */
export const LIST_ARTIFACTS = statement<ArtifactRow>(
  'runs.list_artifacts',
  `select id, name, type, size_bytes as "sizeBytes", object_key as "objectKey",
     expires_at as "expiresAt", is_withheld as "isWithheld" from artifacts
   where account_id = $1 and run_id = $2 and (expires_at is null or expires_at > now()) order by id`,
)
