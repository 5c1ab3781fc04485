import { statement } from '../platform/database.ts'
import type { LedgerKind, TransferType } from './credits.schema.ts'

// The functions called here and their promises: prisma/migrations/20261123000001_run_ledger.

export const POST_CREDITS = statement<{ readonly outcome: 'posted' | 'repeated' | 'conflict' | 'unknown_account' }>(
  'credits.post',
  'select post_credits($1, $2, $3, $4, $5, $6) as outcome',
)

/** All balances of an account in one snapshot; what is on its way to hot rows (open deltas) is counted in, so that a
 * roll-up changes nothing that anybody sees. */
export const BALANCES = statement<{ readonly kind: LedgerKind; readonly posted: bigint; readonly held: bigint }>(
  'credits.balances',
  `select kind, sum(posted)::bigint as posted, sum(held)::bigint as held from (
     select kind, posted, held from ledger_accounts where account_id = $1
     union all
     select kind, amount_micro, 0 from ledger_deltas where account_id = $1
   ) b group by kind`,
)

export type TransferRow = {
  readonly account_id: string
  readonly operation_id: string
  readonly leg: number
  readonly type: TransferType
  readonly debit_account_id: string
  readonly debit_kind: LedgerKind
  readonly credit_account_id: string
  readonly credit_kind: LedgerKind
  readonly amount_micro: bigint
  readonly created_at: Date
  readonly agent_id: string | null
  readonly agent_name: string | null
}

/** What went out of an account or came into it, newest first, after a keyset ($2 operation, $3 leg), since $5. Two index
 * ranges merged: the transfers kept under the account (what it pays and is given), and what it earned from others. The
 * run of a capture is found by its key, and only for the page. */
export const LIST_TRANSFERS = statement<TransferRow>(
  'credits.list_transfers',
  `with page as (
     (select * from transfers where account_id = $1 and (operation_id, leg) < ($2::uuid, $3::smallint)
        and ($5::timestamptz is null or operation_id >= uuid_v7_floor($5))
      order by operation_id desc, leg desc limit $4)
     union all
     (select * from transfers where credit_account_id = $1 and credit_kind in ('earned', 'earned_granted')
        and account_id <> $1 and (operation_id, leg) < ($2::uuid, $3::smallint)
        and ($5::timestamptz is null or operation_id >= uuid_v7_floor($5))
      order by operation_id desc, leg desc limit $4)
     order by operation_id desc, leg desc limit $4)
   select p.account_id, p.operation_id, p.leg, p.type, p.debit_account_id, p.debit_kind, p.credit_account_id, p.credit_kind,
     p.amount_micro, p.created_at, r.agent_id, a.name as agent_name
   from page p
   left join runs r on p.type in ('capture', 'refund') and r.account_id = p.account_id and r.id = p.operation_id
   left join "Agent" a on a.id = r.agent_id
   order by p.operation_id desc, p.leg desc`,
)

/** What an account's runs of today and of this month cost, by the database's clock. Read by the primary key: the id of a
 * run is its time. */
export const FIND_SPEND = statement<{ readonly today: bigint; readonly month: bigint }>(
  'credits.find_spend',
  `select coalesce(sum(charge_micro) filter (where id >= uuid_v7_floor(date_trunc('day', now(), 'UTC'))), 0)::bigint as today,
     coalesce(sum(charge_micro), 0)::bigint as month
   from runs where account_id = $1 and id >= uuid_v7_floor(date_trunc('month', now(), 'UTC'))`,
)

export const ROLL_UP = statement<{ readonly moved: bigint }>('credits.roll_up', 'select roll_up_ledger($1) as moved')

export type LedgerDifference = {
  readonly accountId: string
  readonly kind: LedgerKind
  readonly postedMicro: bigint
  /** Closing balance plus every entry since, less what is still open as deltas. */
  readonly expectedPostedMicro: bigint
  readonly heldMicro: bigint
  /** Holds of the account's open runs. */
  readonly expectedHeldMicro: bigint
}

/** Recomputes every ledger account from transfers and open runs and returns those that differ. One statement, hence one
 * snapshot: nothing has to be stopped. A closing holds what lies in partitions of operations before its moment, so
 * entries are taken from that moment's smallest operation id on, which also keeps the old partitions out. */
export const VERIFY_ACCOUNTS = statement<LedgerDifference>(
  'credits.verify_accounts',
  `with closed as (select coalesce(max(closed_at), '-infinity') as at from ledger_closings),
   facts as (
     select account_id, kind, posted, held, 0::numeric as expected_posted, 0::numeric as expected_held from ledger_accounts
     union all
     select account_id, kind, 0, 0, posted, 0 from ledger_closings c, closed where c.closed_at = closed.at
     union all
     select ledger_account_id, kind, 0, 0, amount_micro, 0 from entries, closed
       where operation_id >= case when closed.at = '-infinity' then '00000000-0000-0000-0000-000000000000'::uuid
         else uuid_v7_floor(closed.at) end
     union all
     select account_id, kind, 0, 0, -amount_micro, 0 from ledger_deltas
     union all
     select account_id, 'granted', 0, 0, 0, hold_granted_micro from runs where status in ('queued', 'running')
     union all
     select account_id, 'bought', 0, 0, 0, hold_bought_micro from runs where status in ('queued', 'running')
   )
   select account_id as "accountId", kind, sum(posted)::bigint as "postedMicro",
     sum(expected_posted)::bigint as "expectedPostedMicro", sum(held)::bigint as "heldMicro",
     sum(expected_held)::bigint as "expectedHeldMicro"
   from facts group by account_id, kind
   having sum(posted) <> sum(expected_posted) or sum(held) <> sum(expected_held)
   order by account_id, kind limit 1000`,
)

export type RunDifference = {
  readonly accountId: string
  readonly operationId: string
  readonly capturedMicro: bigint
  /** What the run's row says was charged; null where there is no such run. */
  readonly chargeMicro: bigint | null
}

/** Captures and runs have to tell the same: what a run's row says it cost is what its transfers moved, no more and no
 * less. Over the current and the last month's operations; older ones do not change any more. */
export const VERIFY_CAPTURES = statement<RunDifference>(
  'credits.verify_captures',
  `with since as (select uuid_v7_floor(date_trunc('month', now()) - interval '1 month') as id),
   captured as (
     select account_id, operation_id, sum(amount_micro)::bigint as amount
     from transfers, since where type = 'capture' and operation_id >= since.id group by account_id, operation_id
   ),
   charged as (select account_id, r.id, charge_micro from runs r, since where r.id >= since.id and charge_micro > 0)
   select coalesce(c.account_id, r.account_id) as "accountId", coalesce(c.operation_id, r.id) as "operationId",
     coalesce(c.amount, 0) as "capturedMicro", r.charge_micro as "chargeMicro"
   from captured c full join charged r on r.account_id = c.account_id and r.id = c.operation_id
   where c.amount is distinct from r.charge_micro
   limit 1000`,
)

/** Both sides of all transfers, and all balances with the open deltas: each sums to zero, or credits were made or lost. */
export const VERIFY_SUMS = statement<{ readonly entriesMicro: bigint; readonly balancesMicro: bigint }>(
  'credits.verify_sums',
  `select (select coalesce(sum(amount_micro), 0)::bigint from entries) as "entriesMicro",
     ((select coalesce(sum(posted), 0) from ledger_accounts)
       + (select coalesce(sum(amount_micro), 0) from ledger_deltas))::bigint as "balancesMicro"`,
)

export const CREATE_PARTITION = statement<{ readonly name: string }>(
  'credits.create_partition',
  'select create_month_partition($1, $2::date) as name',
)

/** Months from the current one on, by the database's clock. */
export const MONTHS_AHEAD = statement<{ readonly month: string }>(
  'credits.months_ahead',
  `select to_char(date_trunc('month', now() at time zone 'UTC') + n * interval '1 month', 'YYYY-MM-DD') as month
   from generate_series(0, $1::int) n`,
)

/** Rows that no partition was there for. Each must be moved before its month's partition can be made. */
export const COUNT_DEFAULTS = statement<{
  readonly runs: bigint
  readonly run_events: bigint
  readonly transfers: bigint
}>(
  'credits.count_defaults',
  `select (select count(*) from runs_default) as runs, (select count(*) from run_events_default) as run_events,
     (select count(*) from transfers_default) as transfers`,
)
