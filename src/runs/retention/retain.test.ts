import { expect, test } from 'vitest'
import { parseRetain } from '../../agents/index.ts'
import { keptUntil } from './retain.ts'

test.each([
  ['30m', 1_800_000],
  ['12h', 43_200_000],
  ['7d', 604_800_000],
  ['0m', 0],
  ['', null],
  ['7', null],
  ['7 d', null],
  ['-1d', null],
  ['1.5h', null],
  ['1w', null],
  ['999999d', null],
  ['1d1h', null],
])('a wish of %j is %s milliseconds', (text, ms) => {
  expect(parseRetain(text)).toBe(ms)
})

test('the shortest wish counts, and none of them lengthens what the site keeps', () => {
  const end = new Date('2026-01-01T00:00:00Z')
  expect(keptUntil(end, 86_400_000, null, 3_600_000)).toEqual(new Date('2026-01-01T01:00:00Z'))
  expect(keptUntil(end, 86_400_000, 999_999_999, null)).toEqual(new Date('2026-01-02T00:00:00Z'))
  expect(keptUntil(end, 86_400_000)).toEqual(new Date('2026-01-02T00:00:00Z'))
})
