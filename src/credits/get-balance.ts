import type { Queryable } from '../platform/database.ts'
import { authorize, type Principal } from '../users/index.ts'
import { BALANCES, FIND_SPEND } from './credits.queries.ts'
import { formatCredits } from './credits.ts'
import type { BalanceView, LedgerKind } from './credits.schema.ts'

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

/** What the account's runs of today and of this month have cost so far, in micro-credits. */
export type Spend = { readonly todayMicro: bigint; readonly monthMicro: bigint }

/** @throws EnhancedAppError FORBIDDEN */
export async function findSpend(deps: { readonly db: Queryable }, principal: Principal): Promise<Spend> {
  authorize(principal, 'credits.read', { ownerAccountId: principal.accountId })
  const [row] = await deps.db.query(FIND_SPEND, [principal.accountId])
  return { todayMicro: row?.today ?? 0n, monthMicro: row?.month ?? 0n }
}

export const presentBalance = (balance: Balance, spend: Spend): BalanceView => ({
  available: formatCredits(balance.availableMicro),
  granted: formatCredits(balance.grantedMicro),
  bought: formatCredits(balance.boughtMicro),
  held: formatCredits(balance.heldMicro),
  spentToday: formatCredits(spend.todayMicro),
  spentThisMonth: formatCredits(spend.monthMicro),
  earned: formatCredits(balance.earnedMicro),
  earnedGranted: formatCredits(balance.earnedGrantedMicro),
})
