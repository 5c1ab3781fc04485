import { amountWords, creditsOf, creditWords, microOf } from './credits.ts'

export type Price = { readonly run: string; readonly events: Readonly<Record<string, string>>; readonly max: string }

export type ReceiptLine = { readonly what: string; readonly count: number; readonly credits: string }
export type Receipt = {
  readonly held: string
  readonly charged: string
  readonly returned: string
  readonly lines: readonly ReceiptLine[]
  /** The site pays for what a guest runs. */
  readonly paidBy: 'account' | 'site'
}

/** `page_read` as people read it. */
export const eventWords = (event: string): string => event.replaceAll('_', ' ')

const isFree = (price: Price): boolean =>
  microOf(price.run) === 0n && Object.values(price.events).every((each) => microOf(each) === 0n)

/** The whole price in words: "2 credits + 0.1 per column, at most 12". */
export function priceWords(price: Price | null): string {
  if (price === null || isFree(price)) return 'Free'
  const events = Object.entries(price.events).filter(([, each]) => microOf(each) > 0n)
  if (events.length === 0) return creditWords(price.run)
  const run = microOf(price.run) > 0n ? [creditWords(price.run)] : []
  const each = events.map(([event, credits], at) => {
    const amount = run.length === 0 && at === 0 ? creditWords(credits) : amountWords(credits)
    return `${amount} per ${eventWords(event)}`
  })
  return `${[...run, ...each].join(' + ')}, at most ${amountWords(price.max)}`
}

/** One fact for a card, of the same kind for every agent: what a run usually costs, or its price until that is known. */
export function cardPriceWords(price: Price | null, typical: string | null): string {
  if (price === null || isFree(price)) return 'Free'
  if (Object.keys(price.events).length === 0) return creditWords(price.run)
  return typical === null ? `up to ${creditWords(price.max)}` : `typically ${creditWords(typical)}`
}

/** What one run can cost, before it is pressed. */
export function capWords(price: Price | null): string {
  if (price === null || isFree(price)) return 'This run is free.'
  if (Object.keys(price.events).length === 0) return `This run costs ${creditWords(price.run)}.`
  return `${priceWords(price)}.`
}

/** What it costs to stop a run, as one reads it before one begins. */
export function stopWords(price: Price | null): string {
  if (price === null || isFree(price)) return 'You may stop it at any time.'
  return 'You may stop it at any time: that is free while it has given out nothing; afterwards it costs the price of a run and what was charged by then.'
}

/** What a balance lacks for a run, or null where it is enough. */
export function missingCredits(needed: string, available: string): string | null {
  const missing = microOf(needed) - microOf(available)
  return missing > 0n ? creditsOf(missing) : null
}

/** The money of a run in one clause: "2.3 credits (2.7 returned)". */
export function chargeWords(receipt: Receipt): string {
  if (microOf(receipt.charged) === 0n) return microOf(receipt.held) === 0n ? 'free' : 'nothing charged'
  const charged = creditWords(receipt.charged)
  if (receipt.paidBy === 'site') return `free for you (this site paid ${charged})`
  return microOf(receipt.returned) > 0n ? `${charged} (${amountWords(receipt.returned)} returned)` : charged
}

/** One line of a receipt: "column × 3". */
export const receiptLineWords = (line: ReceiptLine): string =>
  line.what === 'run' ? 'The run itself' : `${eventWords(line.what)} × ${line.count}`

/** What is charged while a run goes on: "0.8 of 5 credits charged". */
export function runningChargeWords(charged: string, { held, paidBy }: Receipt): string | null {
  if (microOf(held) === 0n) return null
  return paidBy === 'site' ? 'free for you' : `${amountWords(charged)} of ${creditWords(held)} charged`
}
