import { verifyLedger } from '../../src/credits/index.ts'
import type { Database } from '../../src/platform/database.ts'
import { finishedRun, type Answer, type KeyedOrder } from './keyed-run.ts'

type RunRow = {
  readonly id: string
  readonly status: string
  readonly charge: bigint
  readonly captured: bigint
  readonly keys: bigint
}

/** Every run with what its transfers say was taken from the payer, and how many keys point to it. */
const RUNS = `
  select r.id, r.status::text, r.charge_micro as charge,
    coalesce((select sum(t.amount_micro) from transfers t where t.account_id = r.account_id and t.operation_id = r.id
      and t.type = 'capture' and t.debit_account_id = r.account_id), 0)::bigint as captured,
    (select count(*) from idempotency_keys k where k.account_id = r.account_id and k.run_id = r.id) as keys
  from runs r`

const STANDING = `
  select (select coalesce(sum(amount_micro), 0) from entries)::bigint as entries,
    (select coalesce(sum(held), 0) from ledger_accounts)::bigint as held,
    (select count(*) from runs where finished_at is null) as open,
    (select count(*) from runs where finished_at is null and deadline_at < now()) as overdue`

/** What is wrong with the books, in sentences; empty when all is well. Asked once nothing is under way any more: every
 * key had its final answer, so no run may be open and nothing may be held.
 * @param paidMicro what a run that succeeded costs  @param answers the final answer of every key sent so far */
export async function findFaults(
  db: Database,
  paidMicro: bigint,
  answers: readonly { readonly order: KeyedOrder; readonly answer: Answer }[],
): Promise<string[]> {
  const faults: string[] = []
  const { rows: runs } = await db.pool.query<RunRow>(RUNS)
  const { rows: standing } = await db.pool.query<{ entries: bigint; held: bigint; open: bigint; overdue: bigint }>(
    STANDING,
  )
  const [now] = standing
  if (now === undefined) throw new Error('no standing')
  if (now.entries !== 0n) faults.push(`the entries sum to ${now.entries}`)
  if (now.held !== 0n) faults.push(`${now.held} micro-credits are held for nobody`)
  if (now.open !== 0n) faults.push(`${now.open} runs are open, ${now.overdue} of them past their deadline`)
  const ledger = await verifyLedger({ db })
  if (!ledger.isSound) faults.push(`ledger: ${showValue(ledger)}`)
  for (const run of runs) {
    const expected = run.status === 'succeeded' ? paidMicro : 0n
    if (run.charge !== expected) faults.push(`run ${run.id} (${run.status}) was charged ${run.charge}, not ${expected}`)
    if (run.captured !== run.charge) faults.push(`run ${run.id}: charged ${run.charge}, transfers say ${run.captured}`)
    if (run.keys !== 1n) faults.push(`run ${run.id} stands under ${run.keys} keys`)
  }
  const byId = new Map(runs.map((run) => [run.id, run]))
  const seen = new Map<string, string>()
  for (const { order, answer } of answers) {
    const told = finishedRun(answer)
    const run = told === null ? undefined : byId.get(told.runId)
    if (run === undefined) {
      faults.push(`key ${order.key}: the run of its answer is not there: ${answer.status} ${answer.body.slice(0, 200)}`)
      continue
    }
    if ((answer.status === 200) !== (run.status === 'succeeded'))
      faults.push(`key ${order.key}: answered ${answer.status}, the run ${run.status}`)
    const other = seen.get(run.id)
    if (other !== undefined && other !== order.key) faults.push(`keys ${other} and ${order.key} share run ${run.id}`)
    seen.set(run.id, order.key)
  }
  const unasked = runs.length - seen.size
  if (unasked !== 0) faults.push(`${unasked} runs belong to no key that was sent`)
  return faults
}

const showValue = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}` : part))
