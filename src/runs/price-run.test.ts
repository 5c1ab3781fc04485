import { expect, test } from 'vitest'
import { chargeLinesOf, holdOf, totalOf } from './price-run.ts'

const price = { runMicro: 2_000_000n, events: { column: 100_000n }, maxMicro: 12_000_000n }

test('without a cap of the caller, the cap of the price is set aside', () => {
  expect(holdOf(price, null)).toBe(12_000_000n)
})

test('a lower cap of the caller binds, a higher one does not', () => {
  expect(holdOf(price, 5_000_000n)).toBe(5_000_000n)
  expect(holdOf(price, 50_000_000n)).toBe(12_000_000n)
})

test('a cap below the price of the run refuses it, one equal to it does not', () => {
  expect(holdOf(price, 1_999_999n)).toBeNull()
  expect(holdOf(price, 2_000_000n)).toBe(2_000_000n)
})

test('a receipt has a line for the run and one for each charged event', () => {
  const lines = chargeLinesOf(price, { column: 6 })
  expect(lines).toEqual([
    { what: 'run', count: 1, micro: '2000000' },
    { what: 'column', count: 6, micro: '600000' },
  ])
  expect(totalOf(lines)).toBe(2_600_000n)
})

test('an event that the manifest does not price is never charged', () => {
  expect(totalOf(chargeLinesOf(price, { unknown: 9 }))).toBe(2_000_000n)
})
