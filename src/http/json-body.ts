import { isUtf8 } from 'node:buffer'
import { findJsonFault } from './json-fault.ts'
import { httpErrors } from './http.errors.ts'

/** Deepest nesting taken. Our own schemas need 6; a guest's JSON rarely 20. Deep values crash JSON.stringify. */
export const MAX_JSON_DEPTH = 64

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Parses the bytes of a JSON body. Depth is checked on the raw bytes, because parsing first would already have built
 * the value that is dangerous to touch.
 * @throws EnhancedAppError BODY_MALFORMED (with the byte where reading stopped), BODY_TOO_DEEP, BODY_KEY_FORBIDDEN */
export function parseJsonBody(bytes: Buffer): unknown {
  const depth = jsonDepth(bytes)
  if (depth > MAX_JSON_DEPTH) throw httpErrors.BODY_TOO_DEEP({ limit: MAX_JSON_DEPTH })
  // JSON is UTF-8 (RFC 8259, 8.1); decoding anything else would put U+FFFD into what the caller pays for.
  if (!isUtf8(bytes)) throw httpErrors.BODY_MALFORMED({ position: firstBadByte(bytes) })
  const text = bytes.toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw httpErrors.BODY_MALFORMED(
      { position: Buffer.byteLength(text.slice(0, findJsonFault(text))) },
      { cause: error },
    )
  }
  // Two native searches rule nearly every text out; the pattern also knows the key in escapes; and only then is the value
  // walked, so that a mere mention in a string is no reason to refuse.
  if ((text.includes('__proto__') || text.includes('\\u00')) && SUSPECT.test(text) && hasForbiddenKey(value))
    throw httpErrors.BODY_KEY_FORBIDDEN({ key: '__proto__' })
  return value
}

const SUSPECT =
  /"(?:_|\\u005[Ff]){2}(?:p|\\u0070)(?:r|\\u0072)(?:o|\\u006[Ff])(?:t|\\u0074)(?:o|\\u006[Ff])(?:_|\\u005[Ff]){2}"/

function hasForbiddenKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (Object.hasOwn(value, '__proto__')) return true
  return Object.values(value).some(hasForbiddenKey)
}

/** Deepest nesting of objects and arrays in JSON bytes; strings are skipped. Valid for any bytes: it never throws, and
 * stops early once {@link MAX_JSON_DEPTH} is passed. */
export function jsonDepth(bytes: Buffer): number {
  let depth = 0
  let deepest = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) {
      at = endOfString(bytes, at)
    } else if (byte === 0x7b || byte === 0x5b) {
      depth++
      if (depth > deepest) deepest = depth
      if (depth > MAX_JSON_DEPTH) return depth
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return deepest
}

/** Index of the closing quote. `indexOf` runs natively, so a megabyte of text costs microseconds and not a loop. */
function endOfString(bytes: Buffer, opening: number): number {
  let at = opening
  for (;;) {
    at = bytes.indexOf(QUOTE, at + 1)
    if (at === -1) return bytes.length
    let before = at - 1
    while (bytes[before] === BACKSLASH) before--
    if ((at - before) % 2 === 1) return at
  }
}

function firstBadByte(bytes: Buffer): number {
  let good = 0
  let bad = bytes.length
  while (bad - good > 4) {
    const middle = (good + bad) >> 1
    // A cut inside a character is not a fault: look back over at most three continuation bytes.
    let cut = middle
    while (cut > good && cut > middle - 3 && ((bytes[cut] ?? 0) & 0xc0) === 0x80) cut--
    if (isUtf8(bytes.subarray(good, cut)) && cut > good) good = cut
    else bad = middle
  }
  return good
}
