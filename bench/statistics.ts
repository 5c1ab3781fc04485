/** Middle value; of an even number of values the mean of the two in the middle.
 * @param values any order, at least one  @throws RangeError if empty */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)]
  const lower = sorted[Math.floor((sorted.length - 1) / 2)]
  if (upper === undefined || lower === undefined) throw new RangeError('the median of no values is not defined')
  return (lower + upper) / 2
}

/** Percentile by nearest rank: always a value that happened, never interpolated.
 * @param sorted ascending, at least one  @param p fraction in (0, 1]; 0.99 is p99
 * @throws RangeError if empty or p is outside its range
 * Source: Hyndman & Fan 1996, "Sample Quantiles in Statistical Packages", definition 1. */
export function percentile(sorted: ArrayLike<number>, p: number): number {
  if (!(p > 0 && p <= 1)) throw new RangeError(`${p} is not in (0, 1]`)
  const value = sorted[Math.ceil(p * sorted.length) - 1]
  if (value === undefined) throw new RangeError('the percentile of no values is not defined')
  return value
}

/** A value with the 95 % interval it lies in. */
export type Interval = { readonly median: number; readonly low: number; readonly high: number }

/** The median of a sample and its 95 % percentile-bootstrap interval: the 2.5th and 97.5th percentile of the medians of
 * `resamples` samples drawn from it with replacement. The generator is seeded, so one sample gives one interval.
 * @param values one value a round, at least two  @throws RangeError if fewer than two
 * Source: Efron & Tibshirani 1993, "An Introduction to the Bootstrap", section 13.3, the percentile interval. */
export function bootstrapMedian(values: readonly number[], resamples = 10_000, seed = 1): Interval {
  return bootstrap(values, median, resamples, seed)
}

/** A percentile of single measurements (not rounds) and its 95 % interval, found likewise. `median` holds the percentile.
 * @param values any order, at least two  @param p fraction in (0, 1] */
export function bootstrapPercentile(values: ArrayLike<number>, p: number, resamples = 2_000, seed = 1): Interval {
  return bootstrap(
    Array.from(values),
    (sample) =>
      percentile(
        sample.toSorted((a, b) => a - b),
        p,
      ),
    resamples,
    seed,
  )
}

function bootstrap(
  values: readonly number[],
  of: (sample: readonly number[]) => number,
  resamples: number,
  seed: number,
): Interval {
  if (values.length < 2) throw new RangeError('an interval needs at least two values')
  const random = mulberry32(seed)
  const drawn = new Float64Array(resamples)
  for (let index = 0; index < resamples; index += 1)
    drawn[index] = of(values.map(() => values[Math.floor(random() * values.length)] ?? Number.NaN))
  drawn.sort()
  return { median: of(values), low: percentile(drawn, 0.025), high: percentile(drawn, 0.975) }
}

export type Goal = { readonly atLeast: number } | { readonly atMost: number }
export type Verdict = 'met' | 'missed' | 'open'

/** A goal is met when the whole interval meets it, missed when none of it does, and open when it lies within. */
export function judge(interval: Pick<Interval, 'low' | 'high'>, goal: Goal): Verdict {
  if ('atLeast' in goal) {
    if (interval.low >= goal.atLeast) return 'met'
    return interval.high < goal.atLeast ? 'missed' : 'open'
  }
  if (interval.high <= goal.atMost) return 'met'
  return interval.low > goal.atMost ? 'missed' : 'open'
}

/** Uniform numbers in [0, 1). Source: Tommy Ettinger's Mulberry32, public domain; good enough to draw indices. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
