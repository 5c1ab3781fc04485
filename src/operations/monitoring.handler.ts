import { verifyLedger } from '../credits/index.ts'
import type { JobHandler } from '../jobs/index.ts'
import { statement } from '../platform/database.ts'
import type { OperationsJobDeps } from './operations.jobs.ts'

/** Index: runs_open_owner holds the open runs and no others. A minute of grace, because the reaper comes once a minute. */
const COUNT_LATE_HOLDS = statement<{ readonly late: bigint }>(
  'operations.count_late_holds',
  `select count(*) as late from runs
   where status in ('queued', 'running') and deadline_at < now() - interval '2 minutes'`,
)

/** Recomputes the ledger from its transfers and looks for holds that nobody released. A difference is an alarm, and the
 * job still succeeds: another try would find the same. Runbooks: ledger-difference, runs-lost. */
export const handle: JobHandler<OperationsJobDeps, Record<string, never>> = async ({ db }, _payload, { log }) => {
  const { isSound, accounts, captures, entriesMicro, balancesMicro } = await verifyLedger({ db })
  if (isSound) log.info('the ledger was verified')
  else
    log.error(
      {
        accounts: accounts.length,
        captures: captures.length,
        entriesMicro: entriesMicro.toString(),
        balancesMicro: balancesMicro.toString(),
        first: accounts[0]?.accountId ?? captures[0]?.accountId,
      },
      'the ledger and its transfers disagree',
    )
  const [holds] = await db.query(COUNT_LATE_HOLDS)
  if (holds !== undefined && holds.late > 0n)
    log.error({ late: Number(holds.late) }, 'runs are held past their deadline')
}
