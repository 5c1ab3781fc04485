import { expect, test } from 'vitest'
import { ColdStarts } from './cold-starts.ts'

test('the busiest minute of the last hour counts, and is forgotten after it', () => {
  const starts = new ColdStarts()
  const noon = 12 * 3_600_000
  for (let n = 0; n < 30; n++) starts.add(noon + n)
  for (let n = 0; n < 7; n++) starts.add(noon + 600_000 + n)
  expect(starts.busiestMinute(noon + 59 * 60_000)).toBe(30)
  expect(starts.busiestMinute(noon + 60 * 60_000)).toBe(7)
  expect(starts.busiestMinute(noon + 70 * 60_000)).toBe(0)
})

test.each([61, 85, 60 * 24 * 7, 60 * 24 * 7 + 30])(
  '%i minutes without one leave nothing of what was before',
  (minutes) => {
    const starts = new ColdStarts()
    for (let minute = 0; minute < 25; minute++) starts.add(minute * 60_000)
    expect(starts.busiestMinute((24 + minutes) * 60_000)).toBe(0)
  },
)

test('one that is asked for late still has the whole hour before it', () => {
  const starts = new ColdStarts()
  starts.add(0)
  for (let n = 0; n < 3; n++) starts.add(40 * 60_000)
  expect(starts.busiestMinute(99 * 60_000)).toBe(3)
  expect(starts.busiestMinute(100 * 60_000)).toBe(0)
})
