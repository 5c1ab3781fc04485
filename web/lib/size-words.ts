const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const

/** A size in decimal units: `19542` -> `'19.5 kB'`. */
export function sizeWords(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_000
    unit += 1
  }
  const figure = unit === 0 || value >= 100 ? Math.round(value) : Math.round(value * 10) / 10
  return `${figure} ${bytes === 1 ? 'byte' : (UNITS[unit] ?? 'bytes')}`
}
