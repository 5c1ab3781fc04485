import { microOf } from './credits.ts'
import type { Transfer } from './statement.ts'

const DAY_MS = 86_400_000

/** The parts of a transfer that tell what was spent, as the client types them. */
type Spent = { readonly [K in 'type' | 'direction' | 'amount' | 'at']?: Transfer[K] | undefined }

/** What runs took from the account within the last day, in micro-credits. @param transfers newest first, as listed */
export function spentWithinDay(transfers: readonly Spent[], nowMs: number): bigint {
  return transfers
    .filter(
      ({ type, direction, at = '' }) => type === 'capture' && direction === 'out' && nowMs - Date.parse(at) < DAY_MS,
    )
    .reduce((sum, { amount = '0' }) => sum + microOf(amount), 0n)
}

/** Is less left than was spent within the last day? Nothing left is always low. */
export function isLow(available: string, spentMicro: bigint): boolean {
  const leftMicro = microOf(available)
  return leftMicro === 0n || leftMicro < spentMicro
}
