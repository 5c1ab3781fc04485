import { statement, type Database } from '../platform/database.ts'
import {
  VERIFY_ACCOUNTS,
  VERIFY_CAPTURES,
  VERIFY_SUMS,
  type LedgerDifference,
  type RunDifference,
} from './credits.queries.ts'

export type LedgerReport = {
  /** True when nothing differs. */
  readonly isSound: boolean
  /** Ledger accounts whose balance or hold is not what transfers and open runs say; at most 1000. */
  readonly accounts: readonly LedgerDifference[]
  /** Runs whose charge is not what their transfers moved; at most 1000. */
  readonly captures: readonly RunDifference[]
  /** Both 0, or credits were made or lost. */
  readonly entriesMicro: bigint
  readonly balancesMicro: bigint
}

const ONE_SNAPSHOT = statement('credits.one_snapshot', 'set transaction isolation level repeatable read, read only')
const TAKE_YOUR_TIME = statement('credits.take_your_time', `set local statement_timeout = '10min'`)

/** Recomputes the ledger from its transfers and the open runs, in one snapshot, while everything goes on.
 * @returns what differs; the balances themselves are never mended by a machine */
export async function verifyLedger(deps: { readonly db: Database }): Promise<LedgerReport> {
  return deps.db.transaction(async (tx) => {
    await tx.execute(ONE_SNAPSHOT)
    await tx.execute(TAKE_YOUR_TIME)
    const accounts = await tx.query(VERIFY_ACCOUNTS)
    const captures = await tx.query(VERIFY_CAPTURES)
    const [sums] = await tx.query(VERIFY_SUMS)
    const { entriesMicro, balancesMicro } = sums ?? { entriesMicro: 0n, balancesMicro: 0n }
    const isSound = accounts.length === 0 && captures.length === 0 && entriesMicro === 0n && balancesMicro === 0n
    return { isSound, accounts, captures, entriesMicro, balancesMicro }
  })
}
