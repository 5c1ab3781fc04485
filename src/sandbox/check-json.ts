import { isUtf8 } from 'node:buffer'

export type JsonCheck =
  | { readonly ok: true }
  | { readonly ok: false; readonly problem: 'syntax' | 'depth' | 'encoding'; readonly at: number }

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_ARRAY = 0x5b
const CLOSE_ARRAY = 0x5d
const COMMA = 0x2c
const COLON = 0x3a

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39
const isHex = (byte: number): boolean =>
  isDigit(byte) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66)

/** Is this valid JSON (RFC 8259) nested at most `maxDepth` deep? Reads the raw bytes once and builds nothing: a guest's
 * output is hostile, and a value nested 200 000 deep passes `JSON.parse` only to exhaust the stack of the next reader.
 * @param maxDepth how many arrays and objects may be open at once; a bare scalar has depth 0
 * @returns `at`: the byte where it went wrong */
export function checkJson(bytes: Buffer, maxDepth: number): JsonCheck {
  if (!isUtf8(bytes)) return { ok: false, problem: 'encoding', at: 0 }
  // One byte per open level: 1 for an object, 0 for an array.
  const levels = new Uint8Array(maxDepth + 1)
  let depth = 0
  let at = skipSpace(bytes, 0)
  for (;;) {
    // Here a value is due.
    const first = bytes[at]
    if (first === OPEN_OBJECT || first === OPEN_ARRAY) {
      if (depth === maxDepth) return { ok: false, problem: 'depth', at }
      levels[depth++] = first === OPEN_OBJECT ? 1 : 0
      at = skipSpace(bytes, at + 1)
      if (bytes[at] === (first === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY)) {
        depth--
        at++
      } else if (first === OPEN_ARRAY) continue
      else {
        const value = skipKey(bytes, at)
        if (value < 0) return { ok: false, problem: 'syntax', at }
        at = value
        continue
      }
    } else {
      const end = skipScalar(bytes, at)
      if (end < 0) return { ok: false, problem: 'syntax', at }
      at = end
    }
    // A value has ended: close what closes, then go on to the next value.
    for (;;) {
      at = skipSpace(bytes, at)
      if (depth === 0) return at === bytes.length ? { ok: true } : { ok: false, problem: 'syntax', at }
      const inObject = levels[depth - 1] === 1
      const next = bytes[at]
      if (next === (inObject ? CLOSE_OBJECT : CLOSE_ARRAY)) {
        depth--
        at++
        continue
      }
      if (next !== COMMA) return { ok: false, problem: 'syntax', at }
      at = skipSpace(bytes, at + 1)
      if (inObject) {
        const value = skipKey(bytes, at)
        if (value < 0) return { ok: false, problem: 'syntax', at }
        at = value
      }
      break
    }
  }
}

function skipSpace(bytes: Buffer, from: number): number {
  let at = from
  for (let byte = bytes[at]; byte !== undefined && isSpace(byte); byte = bytes[++at]);
  return at
}

/** Past `"key" :` and the space after it, or -1. */
function skipKey(bytes: Buffer, from: number): number {
  if (bytes[from] !== QUOTE) return -1
  const end = skipString(bytes, from)
  if (end < 0) return -1
  const colon = skipSpace(bytes, end)
  return bytes[colon] === COLON ? skipSpace(bytes, colon + 1) : -1
}

function skipScalar(bytes: Buffer, from: number): number {
  const first = bytes[from]
  if (first === undefined) return -1
  if (first === QUOTE) return skipString(bytes, from)
  if (first === 0x2d || isDigit(first)) return skipNumber(bytes, from)
  for (const word of LITERALS) {
    if (first !== word[0]) continue
    for (let i = 1; i < word.length; i++) if (bytes[from + i] !== word[i]) return -1
    return from + word.length
  }
  return -1
}

const LITERALS: readonly Uint8Array[] = ['true', 'false', 'null'].map((word) => Buffer.from(word))

function skipString(bytes: Buffer, from: number): number {
  let at = from + 1
  for (;;) {
    const byte = bytes[at]
    if (byte === undefined || byte < 0x20) return -1
    if (byte === QUOTE) return at + 1
    if (byte !== BACKSLASH) {
      at++
      continue
    }
    const escape = bytes[at + 1]
    if (escape === 0x75) {
      for (let i = 2; i < 6; i++) {
        const digit = bytes[at + i]
        if (digit === undefined || !isHex(digit)) return -1
      }
      at += 6
    } else if (escape !== undefined && ESCAPES.includes(escape)) at += 2
    else return -1
  }
}

const ESCAPES = Buffer.from('"\\/bfnrt')

function skipNumber(bytes: Buffer, from: number): number {
  let at = bytes[from] === 0x2d ? from + 1 : from
  if (bytes[at] === 0x30) at++
  else {
    const end = skipDigits(bytes, at)
    if (end === at) return -1
    at = end
  }
  if (bytes[at] === 0x2e) {
    const end = skipDigits(bytes, at + 1)
    if (end === at + 1) return -1
    at = end
  }
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    const sign = bytes[at + 1]
    const start = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1
    const end = skipDigits(bytes, start)
    if (end === start) return -1
    at = end
  }
  return at
}

function skipDigits(bytes: Buffer, from: number): number {
  let at = from
  for (let byte = bytes[at]; byte !== undefined && isDigit(byte); byte = bytes[++at]);
  return at
}
