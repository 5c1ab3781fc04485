import { z } from 'zod'

export const ledgerKind = z.enum([
  'granted',
  'bought',
  'earned',
  'earned_granted',
  'fees',
  'grants_issued',
  'purchases_issued',
  'paid_out',
])
export type LedgerKind = z.infer<typeof ledgerKind>

export const transferType = z.enum(['grant', 'purchase', 'capture', 'refund', 'payout'])
export type TransferType = z.infer<typeof transferType>

/** The account that stands on the other side of every transfer from or to outside. */
export const PLATFORM_ACCOUNT_ID = 'platform'

const credits = z.string().describe('Credits as a decimal string with at most 6 places')

export const balanceView = z.object({
  available: credits.describe('What can be spent now'),
  granted: credits.describe('Given by the site; spent first'),
  bought: credits.describe('Bought by the account'),
  held: credits.describe('Set aside for runs that are going'),
  spentToday: credits.describe('Charged for runs begun since midnight, UTC'),
  spentThisMonth: credits.describe('Charged for runs begun since the first of the month, UTC'),
  earned: credits.describe('Earned by the account’s agents from bought credits'),
  earnedGranted: credits.describe('Earned from granted credits and own runs; cannot be paid out'),
})
export type BalanceView = z.infer<typeof balanceView>

export const transferView = z.object({
  operationId: z.uuid().describe('The run, grant or purchase'),
  leg: z.number().int(),
  type: transferType,
  direction: z.enum(['in', 'out', 'within']).describe('Seen from this account'),
  from: ledgerKind,
  to: ledgerKind,
  amount: credits,
  runId: z.uuid().nullable().describe("The account's own run that was charged"),
  agent: z.object({ id: z.string(), name: z.string() }).nullable().describe('Whose run was charged'),
  at: z.iso.datetime(),
})
export type TransferView = z.infer<typeof transferView>

/** Newest first: the operation, then its leg. */
export const transferCursor = z.tuple([z.uuid(), z.number().int().min(0).max(32_767)])
export type TransferCursor = z.infer<typeof transferCursor>
