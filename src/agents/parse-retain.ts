const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const
type Unit = keyof typeof UNITS_MS

const isUnit = (text: string): text is Unit => Object.hasOwn(UNITS_MS, text)

/** How long content is kept, as `Bureau-Retain` and manifests say it: `30m`, `12h`, `7d`; `0m` not beyond the answer.
 * @returns milliseconds, or null for anything else */
export function parseRetain(text: string): number | null {
  const [, count = '', unit = ''] = /^(\d{1,5})([a-z])$/.exec(text) ?? []
  return count === '' || !isUnit(unit) ? null : Number(count) * UNITS_MS[unit]
}
