import { statement } from '../../platform/database.ts'

// The functions called here and their promises: prisma/migrations/20261125192000_trials.

export const TAKE_TRIAL = statement<{ readonly outcome: 'taken' | 'repeated' | 'used_up' }>(
  'trials.take',
  'select take_trial($1, $2, $3, $4, $5, $6) as outcome',
)

export const RETURN_TRIAL = statement('trials.return', 'delete from trial_uses where network = $1 and run_id = $2')

/** Of a run that was admitted on a trial that somebody else had taken for the same request, and who may have returned it
 * since. Where both stand, the other's run never came to be, and stops counting by itself. */
export const KEEP_TRIAL = statement(
  'trials.keep',
  `insert into trial_uses (network, day, run_id, request) values ($1, (now() at time zone 'UTC')::date, $2, $3)
   on conflict do nothing`,
)

/** Trials that the network has had today, and what is left of the day's budget: what the account has, or the whole of it
 * until the first trial of the day has brought the account there. */
export const FIND_TRIALS = statement<{ readonly used: number; readonly available: bigint }>(
  'trials.find',
  `select count_trials($1) as used, case when d.budget_micro = $2 then l.posted - l.held else $2 end as available
   from ledger_accounts l left join trial_days d on d.day = (now() at time zone 'UTC')::date
   where l.account_id = 'trials' and l.kind = 'bought'`,
)

/** @param $1 days that are kept besides today */
export const DELETE_OLD_TRIALS = statement(
  'trials.delete_old',
  `delete from trial_uses where day < (now() at time zone 'UTC')::date - $1::int`,
)
