import { classifyValue, isMissing, toNumber, type ValueType } from './classify-value.ts'
import { fences, quantile } from './quantile.ts'

export type NumberProfile = {
  min: number
  max: number
  mean: number
  standardDeviation: number
  q1: number
  median: number
  q3: number
  p95: number
  zeros: number
  negatives: number
  outliers: { count: number; low: number; high: number; examples: number[] }
}

export type ColumnProfile = {
  name: string
  type: ValueType | 'mixed' | 'empty'
  /** The part of the values that is of this type, in [0, 1]. */
  typeShare: number
  values: number
  missing: number
  distinct: number
  /** False where there were too many different values to count them all. */
  isDistinctExact: boolean
  isUnique: boolean
  topValues: { value: string; count: number }[]
  shortest: number | null
  longest: number | null
  earliest: string | null
  latest: string | null
  numbers: NumberProfile | null
}

/** From this share on a column is of one type, and the rest of it is dirt worth pointing at. */
const DOMINANT_SHARE = 0.9
const MAX_SHOWN_CHARS = 120
const TOP_VALUES = 5
const WIDER: Readonly<Partial<Record<ValueType, ValueType>>> = { integer: 'number', date: 'datetime' }

export type ColumnLimits = {
  /** Different values counted one by one; beyond, the count is a lower bound. */
  readonly maxDistinct: number
  /** Numbers kept for quantiles; beyond, a uniform sample of them. */
  readonly maxNumbers: number
}

type Seen = { readonly type: ValueType; readonly number: number | null; count: number }

/** Collects a column value by value, in bounded memory. */
export function createColumnProfiler(name: string, limits: ColumnLimits) {
  const types: Record<ValueType, number> = { integer: 0, number: 0, boolean: 0, date: 0, datetime: 0, text: 0 }
  // Also spares looking at a value again: most columns have few different ones.
  const seen = new Map<string, Seen>()
  let isDistinctExact = true
  let missing = 0
  let values = 0
  let shortest: number | null = null
  let longest: number | null = null
  let earliest: string | null = null
  let latest: string | null = null
  const sample = createNumberSample(limits.maxNumbers)

  return {
    add(raw: string): void {
      const value = raw.trim()
      if (isMissing(value)) {
        missing += 1
        return
      }
      values += 1
      const shown = value.slice(0, MAX_SHOWN_CHARS)
      let known = shown === value ? seen.get(value) : undefined
      if (known === undefined) {
        const type = classifyValue(value)
        known = { type, number: type === 'integer' || type === 'number' ? toNumber(value) : null, count: 0 }
        const listed = seen.get(shown)
        if (listed !== undefined) listed.count += 1
        else if (seen.size < limits.maxDistinct) seen.set(shown, { ...known, count: 1 })
        else isDistinctExact = false
      } else known.count += 1
      const { type, number } = known
      types[type] += 1
      shortest = Math.min(shortest ?? value.length, value.length)
      longest = Math.max(longest ?? 0, value.length)
      if (number !== null) sample.add(number)
      if ((type === 'date' || type === 'datetime') && /^\d{4}-/.test(value)) {
        if (earliest === null || value < earliest) earliest = value
        if (latest === null || value > latest) latest = value
      }
    },
    finish(): ColumnProfile {
      const { type, share } = dominantType(types, values)
      const isNumeric = type === 'integer' || type === 'number'
      return {
        name,
        type,
        typeShare: share,
        values,
        missing,
        distinct: seen.size,
        isDistinctExact,
        isUnique: isDistinctExact && values > 0 && seen.size === values,
        topValues: topValues(seen),
        shortest,
        longest,
        earliest,
        latest,
        numbers: isNumeric ? sample.profile() : null,
      }
    },
  }
}

/** The one type of a column, counting an integer as a number and a date as a moment where both are there. */
export function dominantType(
  types: Readonly<Record<ValueType, number>>,
  values: number,
): { readonly type: ColumnProfile['type']; readonly share: number } {
  if (values === 0) return { type: 'empty', share: 1 }
  const merged = { ...types }
  for (const narrow of ['integer', 'date'] as const) {
    const wide = WIDER[narrow]
    if (wide === undefined || merged[wide] === 0) continue
    merged[wide] += merged[narrow]
    merged[narrow] = 0
  }
  // Among words, "y" and "no" are words.
  if (merged.text > 0 && merged.boolean / values < DOMINANT_SHARE) {
    merged.text += merged.boolean
    merged.boolean = 0
  }
  let type: ValueType = 'text'
  for (const each of ['integer', 'number', 'boolean', 'date', 'datetime'] as const)
    if (merged[each] > merged[type]) type = each
  const share = merged[type] / values
  return share >= DOMINANT_SHARE ? { type, share: rounded(share) } : { type: 'mixed', share: rounded(share) }
}

function topValues(seen: ReadonlyMap<string, Seen>): { value: string; count: number }[] {
  return [...seen]
    .sort(([a, x], [b, y]) => y.count - x.count || (a < b ? -1 : 1))
    .slice(0, TOP_VALUES)
    .map(([value, { count }]) => ({ value, count }))
}

/** Moments over all numbers, quantiles over at most `most` of them: a uniform sample without replacement.
 * Mean and variance: Welford 1962, "Note on a Method for Calculating Corrected Sums of Squares and Products".
 * Sample: Vitter 1985, "Random Sampling with a Reservoir", algorithm R, with a fixed seed so that the same file gives
 * the same profile. */
function createNumberSample(most: number) {
  const kept: number[] = []
  let count = 0
  let mean = 0
  let squares = 0
  let min = Infinity
  let max = -Infinity
  let zeros = 0
  let negatives = 0
  const random = createRandom(0x9e3779b9)
  return {
    add(value: number): void {
      count += 1
      const delta = value - mean
      mean += delta / count
      squares += delta * (value - mean)
      if (value < min) min = value
      if (value > max) max = value
      if (value === 0) zeros += 1
      if (value < 0) negatives += 1
      if (kept.length < most) kept.push(value)
      else {
        const place = Math.floor(random() * count)
        if (place < most) kept[place] = value
      }
    },
    profile(): NumberProfile | null {
      if (count === 0) return null
      const sorted = Float64Array.from(kept).sort()
      const q1 = quantile(sorted, 0.25)
      const q3 = quantile(sorted, 0.75)
      const { low, high } = fences(q1, q3)
      const outside = sorted.filter((value) => value < low || value > high)
      return {
        min,
        max,
        mean: rounded(mean),
        standardDeviation: rounded(count > 1 ? Math.sqrt(squares / (count - 1)) : 0),
        q1: rounded(q1),
        median: rounded(quantile(sorted, 0.5)),
        q3: rounded(q3),
        p95: rounded(quantile(sorted, 0.95)),
        zeros,
        negatives,
        outliers: {
          count: Math.round((outside.length / sorted.length) * count),
          low: rounded(low),
          high: rounded(high),
          examples: [...new Set([...outside.slice(0, 3), ...outside.slice(-3)])],
        },
      }
    },
  }
}

/** Ten significant digits: a profile is read by people, and 0.1 + 0.2 is not. */
const rounded = (value: number): number => Number(value.toPrecision(10))

/** Numbers in [0, 1) that repeat. Source: Vigna & Steele, the mixing function of SplitMix, 32-bit form (Mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
