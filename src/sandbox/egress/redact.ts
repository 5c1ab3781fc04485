import type { SecretGrant } from '../sandbox.types.ts'

/** Blots secrets out of what comes back from the network or leaves a run, in the forms in which something may echo them:
 * as they are, escaped for URLs and JSON, in base64 at any offset, in hexadecimal. The second wall: the first is that
 * the sandbox never gets them. */
export type Redactor = {
  readonly isIdle: boolean
  text(text: string): string
  bytes(bytes: Buffer): Buffer
  /** For a stream: what may be the beginning of a secret is kept back until it is known. */
  stream(): { push(chunk: Buffer): Buffer; end(): Buffer }
}

type Needle = { readonly bytes: Buffer; readonly text: string; readonly mark: string }

/** Shorter forms would blot out what is no secret. */
const MIN_CHARS = 6

/** @param marking `as_long` puts stars in place of a secret, as many as it had bytes: where a size was told before */
export function createRedactor(
  secrets: ReadonlyMap<string, SecretGrant>,
  marking: 'by_name' | 'as_long' = 'by_name',
): Redactor {
  const needles: Needle[] = []
  for (const [name, { value }] of secrets) {
    for (const text of formsOf(value)) {
      const bytes = Buffer.from(text)
      needles.push({ bytes, text, mark: marking === 'as_long' ? '*'.repeat(bytes.length) : `[secret ${name}]` })
    }
  }
  // The longest first: a form may hold a shorter one.
  needles.sort((a, b) => b.bytes.length - a.bytes.length)

  const bytes = (given: Buffer): Buffer => needles.reduce(replaceAll, given)
  return {
    isIdle: needles.length === 0,
    text: (text) => needles.reduce((left, { text: form, mark }) => left.replaceAll(form, mark), text),
    bytes,
    stream() {
      let kept: Buffer = Buffer.alloc(0)
      return {
        push(chunk) {
          const clean = bytes(kept.length === 0 ? chunk : Buffer.concat([kept, chunk]))
          const open = openEnd(clean, needles)
          kept = clean.subarray(clean.length - open)
          return clean.subarray(0, clean.length - open)
        },
        end() {
          const rest = kept
          kept = Buffer.alloc(0)
          return rest
        },
      }
    },
  }
}

function replaceAll(given: Buffer, needle: Needle): Buffer {
  let at = given.indexOf(needle.bytes)
  if (at < 0) return given
  const mark = Buffer.from(needle.mark)
  const parts: Buffer[] = []
  let from = 0
  for (; at >= 0; at = given.indexOf(needle.bytes, from)) {
    parts.push(given.subarray(from, at), mark)
    from = at + needle.bytes.length
  }
  parts.push(given.subarray(from))
  return Buffer.concat(parts)
}

/** How many bytes at the end may be the beginning of a needle. */
function openEnd(bytes: Buffer, needles: readonly Needle[]): number {
  let longest = 0
  for (const { bytes: needle } of needles) {
    for (let length = Math.min(needle.length - 1, bytes.length); length > longest; length--) {
      if (bytes.subarray(bytes.length - length).equals(needle.subarray(0, length))) longest = length
    }
  }
  return longest
}

function formsOf(value: string): ReadonlySet<string> {
  const raw = Buffer.from(value)
  const forms = [
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    raw.toString('hex'),
    raw.toString('hex').toUpperCase(),
  ]
  for (const offset of [0, 1, 2]) {
    const encoded = base64At(raw, offset)
    forms.push(encoded, encoded.replaceAll('+', '-').replaceAll('/', '_'))
  }
  return new Set(forms.filter((form) => form.length >= MIN_CHARS))
}

/** The characters of base64 that hold nothing but the value, where `offset` (mod 3) bytes stand before it. */
function base64At(raw: Buffer, offset: number): string {
  const encoded = Buffer.concat([Buffer.alloc(offset), raw]).toString('base64')
  return encoded.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + raw.length) * 8) / 6))
}
