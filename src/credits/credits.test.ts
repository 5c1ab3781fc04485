import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatCredits, parseCredits } from './credits.ts'

test('every amount survives being written and read', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }), (micro) => {
      expect(parseCredits(formatCredits(micro))).toBe(micro)
    }),
  )
})

test('amounts are written without a double in between and without trailing zeros', () => {
  expect(parseCredits('0.1') + parseCredits('0.2')).toBe(parseCredits('0.3'))
  expect(parseCredits('999999999999.999999')).toBe(999_999_999_999_999_999n)
  expect([0n, 1n, 100_000n, 1_000_000n, 12_300_000n, -2_500_000n].map(formatCredits)).toEqual([
    '0',
    '0.000001',
    '0.1',
    '1',
    '12.3',
    '-2.5',
  ])
})

test.each(['', ' 1', '1 ', '-1', '+1', '1.', '.5', '1e3', '0x10', '1,5', '1.0000001', '1234567890123', 'NaN', '١'])(
  'the amount %j is refused, not guessed at',
  (text) => expect(() => parseCredits(text)).toThrow(expect.objectContaining({ code: 'CREDITS_INVALID' })),
)
