import { creditsErrors } from './credits.errors.ts'

/** 1 credit is 1 000 000 micro-credits. */
const PLACES = 6
const MICRO = 10n ** BigInt(PLACES)

/** A decimal string of credits in micro-credits. Strings only: 0.1 + 0.2 is not 0.3 in a double.
 * @param text at most 12 digits before and 6 after the point, no sign, no exponent: `'0.1'` -> 100000n
 * @throws CREDITS_INVALID */
export function parseCredits(text: string): bigint {
  const match = /^(\d{1,12})(?:\.(\d{1,6}))?$/.exec(text)
  if (match === null) throw creditsErrors.CREDITS_INVALID({ amount: text.slice(0, 40) })
  const [, whole = '', fraction = ''] = match
  return BigInt(whole) * MICRO + BigInt(fraction.padEnd(PLACES, '0'))
}

/** Micro-credits as the shortest decimal string of credits: 100000n -> `'0.1'`, -2000000n -> `'-2'`. */
export function formatCredits(micro: bigint): string {
  const size = micro < 0n ? -micro : micro
  const fraction = String(size % MICRO)
    .padStart(PLACES, '0')
    .replace(/0+$/, '')
  return `${micro < 0n ? '-' : ''}${size / MICRO}${fraction === '' ? '' : `.${fraction}`}`
}
