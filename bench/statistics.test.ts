import { describe, expect, test } from 'vitest'
import { bootstrapMedian, bootstrapPercentile, judge, median, percentile } from './statistics.ts'

describe('median and percentile', () => {
  test('the median is the middle value, or the mean of the two in the middle, whatever the order', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 3, 2])).toBe(2.5)
    expect(() => median([])).toThrow(RangeError)
  })

  test('a percentile is always a value that happened', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1)
    expect(percentile(hundred, 0.5)).toBe(50)
    expect(percentile(hundred, 0.99)).toBe(99)
    expect(percentile(hundred, 1)).toBe(100)
    expect(percentile([7], 0.01)).toBe(7)
    expect(() => percentile([], 0.5)).toThrow(RangeError)
    expect(() => percentile([1], 0)).toThrow(RangeError)
  })
})

describe('bootstrapMedian', () => {
  test('equal values have an interval without width', () => {
    expect(bootstrapMedian([2, 2, 2, 2])).toEqual({ median: 2, low: 2, high: 2 })
  })

  test('the same sample gives the same interval, and it holds the median', () => {
    const sample = [0.9, 1.1, 1, 1.3, 0.8, 1.05, 0.95, 1.2, 1, 0.99, 1.01, 1.15, 0.85, 1.02, 0.98]
    const interval = bootstrapMedian(sample)
    expect(bootstrapMedian(sample)).toEqual(interval)
    expect(interval.low).toBeLessThanOrEqual(interval.median)
    expect(interval.high).toBeGreaterThanOrEqual(interval.median)
    expect(interval.high - interval.low).toBeGreaterThan(0)
  })

  test('about 95 of 100 intervals over 15 rounds hold the true median', () => {
    // 200 samples of 15 from a skewed distribution (exponential, median ln 2), as latencies and ratios are.
    let state = 42
    const uniform = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      return (state + 0.5) / 4_294_967_296
    }
    let hits = 0
    for (let trial = 0; trial < 200; trial += 1) {
      const sample = Array.from({ length: 15 }, () => -Math.log(uniform()))
      const { low, high } = bootstrapMedian(sample, 500, trial + 1)
      if (low <= Math.LN2 && Math.LN2 <= high) hits += 1
    }
    expect(hits / 200).toBeGreaterThan(0.9)
    expect(hits / 200).toBeLessThan(0.99)
  })

  test('the interval of a p99 reaches to the slowest run, and never beyond what happened', () => {
    const latencies = Array.from({ length: 200 }, (_, index) => (index < 197 ? 5 + index / 1_000 : 40))
    const { median: p99, low, high } = bootstrapPercentile(latencies, 0.99)
    expect(p99).toBe(40)
    expect(low).toBeLessThan(6)
    expect(high).toBe(40)
  })

  test('one value has no interval', () => {
    expect(() => bootstrapMedian([1])).toThrow(RangeError)
  })
})

describe('judge', () => {
  test('a goal is met only when the whole interval meets it', () => {
    expect(judge({ low: 1, high: 2 }, { atLeast: 1 })).toBe('met')
    expect(judge({ low: 0.99, high: 2 }, { atLeast: 1 })).toBe('open')
    expect(judge({ low: 0.5, high: 0.99 }, { atLeast: 1 })).toBe('missed')
    expect(judge({ low: 1, high: 2.5 }, { atMost: 2.5 })).toBe('met')
    expect(judge({ low: 1, high: 2.6 }, { atMost: 2.5 })).toBe('open')
    expect(judge({ low: 2.6, high: 3 }, { atMost: 2.5 })).toBe('missed')
  })
})
