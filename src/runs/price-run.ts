import type { ChargeLine } from './runs.schema.ts'

export type Price = {
  readonly runMicro: bigint
  readonly events: Readonly<Record<string, bigint>>
  readonly maxMicro: bigint
}

/** What to set aside for a run: the cap of the price, or the caller's own if that is lower.
 * @returns micro-credits, or null where the caller's cap does not even cover the run's own price */
export function holdOf(price: Price, maxChargeMicro: bigint | null): bigint | null {
  const hold = maxChargeMicro === null || maxChargeMicro > price.maxMicro ? price.maxMicro : maxChargeMicro
  return hold < price.runMicro ? null : hold
}

/** The receipt's lines of a run that is paid: its own price, then its events in the manifest's order. Zero lines are
 * left out. The sandbox has bounded the events by the hold; the clamp to it stands in the settling statement.
 * @param events counts by event, as the sandbox recorded them */
export function chargeLinesOf(price: Price, events: Readonly<Record<string, number>>): ChargeLine[] {
  const lines: ChargeLine[] = []
  if (price.runMicro > 0n) lines.push({ what: 'run', count: 1, micro: price.runMicro.toString() })
  for (const [what, eachMicro] of Object.entries(price.events)) {
    const count = events[what] ?? 0
    if (count > 0) lines.push({ what, count, micro: (eachMicro * BigInt(count)).toString() })
  }
  return lines
}

/** Sum of a receipt's lines in micro-credits. */
export function totalOf(lines: readonly ChargeLine[]): bigint {
  return lines.reduce((sum, line) => sum + BigInt(line.micro), 0n)
}
