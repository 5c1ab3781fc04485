import { statement } from '../../platform/database.ts'

/** What a caller or an agent wishes, before the run exists, so that there is no moment in which it would be kept longer.
 * A wish for a run that is not admitted after all is removed when its time comes. */
export const WISH_RETENTION = statement(
  'runs.wish_retention',
  `insert into run_retentions (account_id, run_id, retain_ms, look_at)
   values ($1, $2, $3::bigint, now() + ($3::bigint + $4::bigint) * interval '1 millisecond')
   on conflict (account_id, run_id) do nothing`,
)

export const FIND_RETENTION = statement<{ retainMs: bigint }>(
  'runs.find_retention',
  `select retain_ms as "retainMs" from run_retentions where account_id = $1 and run_id = $2`,
)

/** Takes a final run's content away; what it cost, when and how it ended stays, with its ledger. */
export const DELETE_CONTENT = statement(
  'runs.delete_content',
  `update runs set input = null, output = null, logs = null, failure = null, content_deleted_at = now()
   where account_id = $1 and id = $2 and finished_at is not null and content_deleted_at is null`,
)

/** Which hosts it reached tells of what it took. */
export const DELETE_RUN_EGRESS = statement(
  'runs.delete_run_egress',
  'delete from run_egress where account_id = $1 and run_id = $2',
)

export const DELETE_RUN_EVENTS = statement(
  'runs.delete_run_events',
  'delete from run_events where account_id = $1 and run_id = $2',
)

export type RunObject = { readonly id: string; readonly objectKey: string }

export const FIND_RUN_ARTIFACTS = statement<RunObject>(
  'runs.find_run_artifacts',
  `select id, object_key as "objectKey" from artifacts where account_id = $1 and run_id = $2`,
)

export const DELETE_ARTIFACT = statement(
  'runs.delete_artifact',
  'delete from artifacts where account_id = $1 and id = $2',
)

export const FIND_UPLOADS_BY_ID = statement<RunObject>(
  'runs.find_uploads_by_id',
  `select id, object_key as "objectKey" from uploads where account_id = $1 and id = any ($2::uuid[])`,
)

export const DELETE_UPLOAD_BY_ID = statement(
  'runs.delete_upload_by_id',
  'delete from uploads where account_id = $1 and id = $2',
)

/** Wishes whose time may have come: a run that ended later than was thought is looked at again. */
export const FIND_DUE_RETENTIONS = statement<{
  account_id: string
  run_id: string
  dueInMs: number | null
  isOver: boolean | null
}>(
  'runs.find_due_retentions',
  `select w.account_id, w.run_id, case when r.id is not null then r.finished_at is not null end as "isOver",
     extract(epoch from r.finished_at + w.retain_ms * interval '1 millisecond' - now())::float8 * 1000 as "dueInMs"
   from run_retentions w
   left join lateral (
     select id, finished_at from runs r where r.account_id = w.account_id and r.id = w.run_id limit 1
   ) r on true
   where w.look_at <= now() order by w.look_at limit $1`,
)

export const LOOK_AGAIN = statement(
  'runs.look_at_retention_again',
  `update run_retentions set look_at = now() + greatest($3::float8, 60000) * interval '1 millisecond'
   where account_id = $1 and run_id = $2`,
)

export const FORGET_RETENTION = statement(
  'runs.forget_retention',
  'delete from run_retentions where account_id = $1 and run_id = $2',
)

/** Takes the content of a stretch of time away, so many runs at once. Ids are ordered by time: the stretch is one range of
 * one partition, found by runs_id_brin however many accounts have runs in it. Rows that somebody holds are left for the
 * next call. Artifacts have a shorter time of their own. */
export const EXPIRE_SLICE = statement<{ runs: bigint }>(
  'runs.expire_slice',
  `with old as (
     select account_id, id from runs
     where id >= uuid_v7_floor($1) and id < uuid_v7_floor($2) and content_deleted_at is null and finished_at is not null
     limit $3 for update skip locked
   ),
   events as (
     delete from run_events e using old where e.account_id = old.account_id and e.run_id = old.id
   ),
   hosts as (
     delete from run_egress h using old where h.account_id = old.account_id and h.run_id = old.id
   ),
   emptied as (
     update runs r set input = null, output = null, logs = null, failure = null, content_deleted_at = now()
     from old where r.account_id = old.account_id and r.id = old.id returning 1
   )
   select count(*) as runs from emptied`,
)

/** What a stretch of time still has content of: rows that somebody held, runs that are not over. */
export const ANY_LEFT_IN_SLICE = statement<{ one: number }>(
  'runs.any_left_in_slice',
  `select 1 as one from runs
   where id >= uuid_v7_floor($1) and id < uuid_v7_floor($2) and content_deleted_at is null limit 1`,
)

/** Where content was taken away up to, for the whole site. */
export const READ_MARK = statement<{ upTo: Date }>(
  'runs.read_retention_mark',
  `select up_to as "upTo" from run_retention_mark`,
)
export const MOVE_MARK = statement(
  'runs.move_retention_mark',
  'update run_retention_mark set up_to = $1 where up_to < $1',
)

export const FIND_EXPIRED_ARTIFACTS = statement<RunObject & { readonly account_id: string }>(
  'runs.find_expired_artifacts',
  `select account_id, id, object_key as "objectKey" from artifacts where expires_at < now() order by expires_at limit $1`,
)

/** The monthly partitions of runs or of their events, whose last moment lies before a moment, oldest first. */
export const FIND_PAST_PARTITIONS = statement<{ name: string; bytes: bigint }>(
  'runs.find_past_partitions',
  `select c.relname as name, pg_total_relation_size(c.oid) as bytes
   from pg_inherits i join pg_class c on c.oid = i.inhrelid
   where i.inhparent = $1::regclass and c.relname ~ '_[0-9]{6}$'
     and (to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month') at time zone 'UTC' < $2
   order by c.relname`,
)

/** Drops a past month of events whole: they belong to runs whose content is gone. */
export const DROP_EVENTS_MONTH = statement('runs.drop_events_month', 'select drop_run_events_month($1)')

/** Writes a past month of runs anew without what was taken away, and puts it in place of the old one. */
export const REWRITE_RUNS_MONTH = statement<{ rewritten: boolean }>(
  'runs.rewrite_month',
  'select rewrite_runs_month($1) as rewritten',
)
