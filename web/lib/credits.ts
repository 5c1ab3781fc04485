/** 1 credit is 1 000 000 micro-credits. On the wire credits are decimal strings, so that no double ever holds money. */
const PLACES = 6
const MICRO = 10n ** BigInt(PLACES)
const AMOUNT = /^(-?)(\d{1,15})(?:\.(\d{1,6}))?$/
const NARROW_SPACE = '\u202f'

/** Credits as the API writes them, in micro-credits. An amount that is none counts as nothing, so that a page that shows
 * one never fails for it; what is charged is decided by the server alone. */
export function microOf(credits: string): bigint {
  const match = AMOUNT.exec(credits)
  if (match === null) return 0n
  const [, sign = '', whole = '0', fraction = ''] = match
  const micro = BigInt(whole) * MICRO + BigInt(fraction.padEnd(PLACES, '0'))
  return sign === '-' ? -micro : micro
}

/** Is this an amount that a person may type as a cap? */
export const isAmount = (text: string): boolean => AMOUNT.test(text) && !text.startsWith('-')

/** Micro-credits as the API writes them: 100000n -> `'0.1'`. */
export function creditsOf(micro: bigint): string {
  const size = micro < 0n ? -micro : micro
  const fraction = String(size % MICRO)
    .padStart(PLACES, '0')
    .replace(/0+$/, '')
  return `${micro < 0n ? '-' : ''}${size / MICRO}${fraction === '' ? '' : `.${fraction}`}`
}

/** A whole number with its thousands apart: 1240 -> `'1 240'`. */
export const grouped = (whole: number | bigint | string): string =>
  String(whole).replace(/\B(?=(\d{3})+(?!\d))/g, NARROW_SPACE)

/** The bare figure of an amount, for people: `'1240.5'` -> `'1 240.5'`. */
export function amountWords(credits: string): string {
  const [whole = '0', fraction] = creditsOf(microOf(credits)).split('.')
  return fraction === undefined ? grouped(whole) : `${grouped(whole)}.${fraction}`
}

/** An amount with its unit: `'1'` -> `'1 credit'`, `'2.3'` -> `'2.3 credits'`. */
export const creditWords = (credits: string): string =>
  `${amountWords(credits)} ${microOf(credits) === MICRO ? 'credit' : 'credits'}`
