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

test('days without one leave nothing of the day before', () => {
  const starts = new ColdStarts()
  starts.add(5)
  expect(starts.busiestMinute(7 * 86_400_000)).toBe(0)
})
