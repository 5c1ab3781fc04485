/** Quantile by linear interpolation between the two nearest values: what R, NumPy and spreadsheets give by default.
 * @param sorted ascending, at least one   @param p fraction in [0, 1]; 0.5 is the median
 * @throws RangeError if empty or p is outside its range
 * Source: Hyndman & Fan 1996, "Sample Quantiles in Statistical Packages", definition 7. */
export function quantile(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0 || !(p >= 0 && p <= 1)) throw new RangeError('a quantile needs values and p in [0, 1]')
  const position = (sorted.length - 1) * p
  const below = Math.floor(position)
  const low = sorted[below] ?? Number.NaN
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? Number.NaN
  return low + (high - low) * (position - below)
}

/** Beyond these a value is an outlier.
 * Source: Tukey 1977, "Exploratory Data Analysis": fences at 1.5 interquartile ranges beyond the quartiles. */
export function fences(q1: number, q3: number): { readonly low: number; readonly high: number } {
  const reach = 1.5 * (q3 - q1)
  return { low: q1 - reach, high: q3 + reach }
}
