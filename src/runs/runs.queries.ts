import { statement } from '../platform/database.ts'
import type { RunRow, RunStatus } from './runs.schema.ts'

// The functions called here, what they promise and what was measured: prisma/migrations/20261123000001_run_ledger.

export type AdmitManyRow = {
  readonly id: string
  readonly outcome:
    | 'admitted'
    | 'duplicate'
    | 'key_reused'
    | 'insufficient'
    | 'unknown_account'
    | 'locked'
    | 'again'
    | 'alone'
  readonly run_id: string | null
  readonly created_at: Date
  readonly available: bigint | null
}

export const ADMIT_MANY = statement<AdmitManyRow>(
  'runs.admit_many',
  'select * from admit_runs($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)',
)

export type AdmitOneRow = {
  readonly outcome: 'admitted' | 'duplicate' | 'key_reused' | 'unknown_account' | 'locked' | 'insufficient'
  readonly run_id: string | null
  readonly created_at: Date | null
  readonly available: bigint | null
}

export const ADMIT_ONE = statement<AdmitOneRow>(
  'runs.admit_one',
  'select * from admit_run($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)',
)

// The functions of the queue: prisma/migrations/20261125164500_run_queue.

export const ENQUEUE_MANY = statement<AdmitManyRow>(
  'runs.enqueue_many',
  'select * from enqueue_runs($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)',
)

export const ENQUEUE_ONE = statement<AdmitOneRow>(
  'runs.enqueue_one',
  'select * from enqueue_run($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)',
)

/** A queued run that this process has taken. */
export type ClaimedRun = {
  readonly account_id: string
  readonly id: string
  readonly principal: string
  readonly agent_id: string
  readonly version: number
  readonly creator_account_id: string
  readonly input: Buffer | null
  readonly hold_micro: bigint
  readonly is_fresh: boolean
  readonly attempts: number
  readonly created_at: Date
  readonly queue_wait_ms: number
}

/** Is anything queued? Index: runs_queue, which holds little but what is queued. */
export const ANY_QUEUED = statement<{ readonly one: number }>(
  'runs.any_queued',
  `select 1 as one from runs where queued_at is not null and status = 'queued' limit 1`,
)

export const CLAIM = statement<ClaimedRun>('runs.claim', 'select * from claim_runs($1, $2, $3, $4)')

export type CancelRow = {
  readonly outcome: 'canceled' | 'asked' | 'over' | 'unknown_run'
  readonly owner: string | null
}

export const CANCEL = statement<CancelRow>('runs.cancel', 'select * from cancel_run($1, $2, $3, $4, $5, $6)')

/** The running runs of a process that it is asked to cancel. Index: runs_cancel. */
export const CANCELS_ASKED = statement<{ readonly id: string }>(
  'runs.cancels_asked',
  `select id from runs where owner = $1 and cancel_asked_at is not null and status = 'running'`,
)

export const REQUEUE = statement<{ readonly account_id: string; readonly id: string; readonly owner: string | null }>(
  'runs.requeue',
  'select * from requeue_runs($1, $2)',
)

/** Who waits and who executes. Index: runs_queue; as many rows as there are open queued runs. */
export const QUEUE_PICTURE = statement<{
  readonly account_id: string
  readonly queued: bigint
  readonly running: bigint
}>(
  'runs.queue_picture',
  `select account_id, count(*) filter (where status = 'queued') as queued,
     count(*) filter (where status = 'running') as running
   from runs where queued_at is not null and status in ('queued', 'running') group by account_id`,
)

/** How many of the account's queued runs come before this one, and it. Index: runs_queue. */
export const QUEUE_PLACE = statement<{ readonly place: bigint }>(
  'runs.queue_place',
  `select count(*) as place from runs
   where account_id = $1 and queued_at is not null and status = 'queued' and id <= $2`,
)

/** The same for many runs at once: each account's queue is read once, however many of its runs are asked for. */
export const QUEUE_PLACES = statement<{ readonly account_id: string; readonly id: string; readonly place: bigint }>(
  'runs.queue_places',
  `with asked as materialized (select * from unnest($1::text[], $2::uuid[]) as a (account_id, id))
   select q.account_id, q.id, q.place from (
     select account_id, id, row_number() over (partition by account_id order by id) as place from runs
     where queued_at is not null and status = 'queued' and account_id in (select account_id from asked)) q
   join asked using (account_id, id) order by q.account_id, q.id`,
)

export type SettleOneRow = {
  readonly outcome: 'settled' | 'locked' | 'already_settled' | 'unknown_run'
  readonly status: RunStatus | null
  readonly code: string | null
  readonly charge: bigint | null
  readonly creator: bigint | null
  readonly finished_at: Date | null
}

export const SETTLE_MANY = statement<SettleOneRow & { readonly id: string }>(
  'runs.settle_many',
  'select * from settle_runs($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)',
)

export const SETTLE_ONE = statement<SettleOneRow>(
  'runs.settle_one',
  'select * from settle_run($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)',
)

export type ReapedRow = {
  readonly account_id: string
  readonly id: string
  readonly status: RunStatus
  readonly owner: string | null
}

export const REAP = statement<ReapedRow>('runs.reap', 'select * from reap_runs($1, $2, $3, $4, $5)')

/** Renews the lease of a process, or takes it, and says how many others have let theirs run out: one statement, so that
 * the look for the dead costs nothing. */
export const RENEW_LEASE = statement<{ readonly expired: bigint }>(
  'runs.renew_lease',
  `insert into processes (id, host, pid, lease_until) values ($1, $2, $3, now() + $4::float8 * interval '1 millisecond')
   on conflict (id) do update set lease_until = excluded.lease_until
   returning (select count(*) from processes where lease_until <= now() and id <> $1) as expired`,
)

/** Ends the lease at once, so that the others need not wait for it to run out. */
export const END_LEASE = statement('runs.end_lease', `update processes set lease_until = now() where id = $1`)

/** Forgets the dead that own nothing any more. One that still owns a run (its payer's rows were locked when the reaper
 * came by) stays, so that the next heartbeat sees it. Index: runs_open_owner. */
export const FORGET_DEAD = statement(
  'runs.forget_dead',
  `delete from processes p where p.lease_until <= now()
   and not exists (select 1 from runs r where r.owner = p.id and r.status in ('queued', 'running'))`,
)

/** One run of an account. The account is in the key, so a stranger's id finds nothing. Touches one partition. */
export const FIND_RUN = statement<RunRow>(
  'runs.find',
  `select id, account_id as "accountId", principal, agent_id as "agentId", version, creator_account_id as "creatorAccountId",
     status, code, failure, input, output, logs, hold_granted_micro as "holdGrantedMicro",
     hold_bought_micro as "holdBoughtMicro", charge_micro as "chargeMicro", creator_micro as "creatorMicro", events,
     started_cold as "startedCold", wait_ms as "waitMs", run_ms as "runMs", created_at as "createdAt",
     deadline_at as "deadlineAt", finished_at as "finishedAt", queued_at as "queuedAt",
     cancel_asked_at as "cancelAskedAt", cancel_asked_by as "cancelAskedBy", content_deleted_at as "contentDeletedAt"
   from runs where account_id = $1 and id = $2`,
)

/** Which of these runs are over. For the poller of all waiters of a process: one look, whatever their number.
 * LIMIT keeps it a lookup by primary key for each, in its own partition. */
export const FINISHED_AMONG = statement<{ readonly id: string }>(
  'runs.finished_among',
  `select w.id from unnest($1::text[], $2::uuid[]) as w (account_id, id)
   cross join lateral (select finished_at from runs r where r.account_id = w.account_id and r.id = w.id limit 1) r
   where r.finished_at is not null`,
)

/** What stands under a key that still answers. */
export const FIND_KEY = statement<{ readonly fingerprint: Buffer; readonly run_id: string }>(
  'runs.find_key',
  `select fingerprint, run_id from idempotency_keys
   where account_id = $1 and principal = $2 and key = $3 and expires_at > now()`,
)
