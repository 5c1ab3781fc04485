import { amountWords, creditsOf, microOf } from './credits.ts'

/** A line of the statement as the API gives it. */
export type Transfer = {
  readonly operationId: string
  readonly leg: number
  readonly type: 'grant' | 'purchase' | 'capture' | 'refund' | 'payout'
  readonly direction: 'in' | 'out' | 'within'
  readonly from: string
  readonly to: string
  readonly amount: string
  readonly at: string
}

/** What happened, in words. */
export function transferWords({ type, direction, to }: Pick<Transfer, 'type' | 'direction' | 'to'>): string {
  switch (type) {
    case 'grant':
      return 'Given by this site'
    case 'purchase':
      return 'Bought'
    case 'refund':
      return direction === 'in' ? 'Returned to you' : 'Returned to a caller'
    case 'payout':
      return 'Paid out'
    case 'capture':
      if (direction === 'out') return to === 'fees' ? 'Run: fee of this site' : 'Run: share of the creator'
      return direction === 'in' ? 'Earned by a run of your agent' : 'Run of your own agent'
  }
}

/** What a line shows: one thing that happened, whatever number of transfers it took. */
export type StatementLine = Transfer & {
  /** Who got how much of it, where it went to more than one. */
  readonly shares: string | null
}

/** The statement as people read it: what a run cost is one line, not one for each who got a share of it. */
export function statementLines(transfers: readonly Transfer[]): StatementLine[] {
  const runs = new Map<string, Transfer[]>()
  for (const cost of transfers.filter(isRunCost))
    runs.set(cost.operationId, [...(runs.get(cost.operationId) ?? []), cost])
  return transfers.flatMap((transfer) => {
    const legs = isRunCost(transfer) ? runs.get(transfer.operationId) : undefined
    if (legs === undefined) return [{ ...transfer, shares: null }]
    if (legs[0] !== transfer) return []
    const sum = (parts: readonly Transfer[]) =>
      creditsOf(parts.reduce((micro, { amount }) => micro + microOf(amount), 0n))
    const fee = sum(legs.filter(({ to }) => to === 'fees'))
    const share = sum(legs.filter(({ to }) => to !== 'fees'))
    const shares =
      fee === '0' || share === '0' ? null : `${amountWords(share)} to its creator, ${amountWords(fee)} to this site`
    return [{ ...transfer, amount: sum(legs), shares }]
  })
}

const isRunCost = ({ type, direction }: Transfer): boolean => type === 'capture' && direction === 'out'

/** The amount as this account sees it: `-2.3`, `+5`, or without a sign when it stays within the account. */
export function signedAmount({ direction, amount }: Pick<Transfer, 'direction' | 'amount'>): string {
  if (direction === 'within') return amount
  return direction === 'in' ? `+${amount}` : `\u2212${amount}`
}

const COLUMNS = ['at', 'what', 'direction', 'credits', 'operation'] as const

/** The statement as a file for a spreadsheet: RFC 4180, amounts with a plain minus so that programs can add them up. */
export function statementCsv(transfers: readonly Transfer[]): string {
  const rows = transfers.map((transfer) => [
    transfer.at,
    transferWords(transfer),
    transfer.direction,
    transfer.direction === 'out' ? `-${transfer.amount}` : transfer.amount,
    transfer.operationId,
  ])
  return [COLUMNS, ...rows]
    .map((row) => row.map(csvField).join(','))
    .join('\r\n')
    .concat('\r\n')
}

/** One field of a CSV. A text that a spreadsheet would run as a formula gets an apostrophe; a number stays a number. Also
 * behind spaces, which spreadsheets skip. */
export function csvField(text: string): string {
  const isFormula = /^\s*[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text)
  const safe = isFormula ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
