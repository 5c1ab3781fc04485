import { expect, test } from 'vitest'
import { isLow, spentWithinDay } from './spend.ts'

const NOW_MS = Date.parse('2026-11-25T12:00:00Z')
const out = (amount: string, at: string) => ({ type: 'capture' as const, direction: 'out' as const, amount, at })

test('the balance is low when the last day would use it up, and when nothing is left', () => {
  const transfers = [
    out('2.5', '2026-11-25T11:00:00Z'),
    out('1', '2026-11-24T13:00:00Z'),
    out('90', '2026-11-24T11:00:00Z'),
    { ...out('7', '2026-11-25T11:00:00Z'), direction: 'in' as const },
    { ...out('7', '2026-11-25T11:00:00Z'), type: 'grant' as const },
  ]
  const spent = spentWithinDay(transfers, NOW_MS)
  expect(spent).toBe(3_500_000n)
  expect([isLow('3.4', spent), isLow('3.5', spent), isLow('0', 0n)]).toEqual([true, false, true])
})
