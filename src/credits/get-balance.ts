import type { Queryable } from '../platform/database.ts'
import { authorize, type Principal } from '../users/index.ts'
import { BALANCES } from './credits.queries.ts'
import type { LedgerKind } from './credits.schema.ts'

/** What an account has, in micro-credits. Amounts on their way to rolled-up rows are counted in. */
export type Balance = {
  readonly grantedMicro: bigint
  readonly boughtMicro: bigint
  /** Of the two above, set aside for runs that are going. */
  readonly heldMicro: bigint
  /** What a run can be admitted for now: granted + bought - held. */
  readonly availableMicro: bigint
  /** Earned from bought credits: can be paid out. */
  readonly earnedMicro: bigint
  /** Earned from granted credits and from own runs: cannot. */
  readonly earnedGrantedMicro: bigint
}

/** SECURITY: checks no permission; {@link getOwnBalance} is the door for callers. */
export async function getBalance(deps: { readonly db: Queryable }, accountId: string): Promise<Balance> {
  const rows = await deps.db.query(BALANCES, [accountId])
  const posted = (kind: LedgerKind): bigint => rows.find((row) => row.kind === kind)?.posted ?? 0n
  const heldMicro = rows.reduce((sum, row) => sum + row.held, 0n)
  return {
    grantedMicro: posted('granted'),
    boughtMicro: posted('bought'),
    heldMicro,
    availableMicro: posted('granted') + posted('bought') - heldMicro,
    earnedMicro: posted('earned'),
    earnedGrantedMicro: posted('earned_granted'),
  }
}

/** The balance of the account that the principal acts for.
 * @throws EnhancedAppError FORBIDDEN */
export async function getOwnBalance(deps: { readonly db: Queryable }, principal: Principal): Promise<Balance> {
  authorize(principal, 'credits.read', { ownerAccountId: principal.accountId })
  return getBalance(deps, principal.accountId)
}
