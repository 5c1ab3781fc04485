export type ValueType = 'integer' | 'number' | 'boolean' | 'date' | 'datetime' | 'text'

const MISSING = new Set(['', 'na', 'n/a', 'nan', 'null', 'none', 'nil', '-', '#n/a'])
const BOOLEANS = new Set(['true', 'false', 'yes', 'no', 'y', 'n', 't', 'f'])
const INTEGER = /^[+-]?\d{1,15}$/
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/
const GROUPED = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/
const EUROPEAN = /^[+-]?\d+,\d{1,14}$/
const CODE = /^[+-]?0\d/
const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/
const ISO_DATETIME = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?$/
const SLASHED = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/

/** The ways in which files write "nothing here". */
export const isMissing = (value: string): boolean => MISSING.has(value.toLowerCase())

/** The narrowest type of one trimmed value that is not missing. A number with leading zeros (a postal code, an article
 * number) is text, because its zeros mean something. */
export function classifyValue(value: string): ValueType {
  if (CODE.test(value)) return 'text'
  if (INTEGER.test(value)) return 'integer'
  if (toNumber(value) !== null) return 'number'
  if (BOOLEANS.has(value.toLowerCase())) return 'boolean'
  if (isDate(value)) return 'date'
  return isDatetime(value) ? 'datetime' : 'text'
}

/** The number that a value writes, with a point, thousands commas (1,234.5) or a decimal comma (3,14); null for none. */
export function toNumber(value: string): number | null {
  const plain = NUMBER.test(value)
    ? value
    : GROUPED.test(value)
      ? value.replaceAll(',', '')
      : EUROPEAN.test(value)
        ? value.replace(',', '.')
        : null
  if (plain === null) return null
  const number = Number(plain)
  return Number.isFinite(number) ? number : null
}

/** 2026-02-28, 28.02.2026, 2/28/2026 or 28/2/2026, if there is such a day. */
function isDate(value: string): boolean {
  const iso = ISO_DATE.exec(value)
  if (iso !== null) return isDay(Number(iso[1]), Number(iso[2]), Number(iso[3]))
  const parts = SLASHED.exec(value)
  if (parts === null) return false
  const [first, second, year] = [Number(parts[1]), Number(parts[2]), Number(parts[3])]
  return isDay(year, second, first) || isDay(year, first, second)
}

function isDatetime(value: string): boolean {
  const parts = ISO_DATETIME.exec(value)
  if (parts === null) return false
  const [hour, minute, second] = [Number(parts[4]), Number(parts[5]), Number(parts[6] ?? 0)]
  return isDay(Number(parts[1]), Number(parts[2]), Number(parts[3])) && hour < 24 && minute < 60 && second < 61
}

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}
