export type JsonToken = { readonly text: string; readonly kind: 'key' | 'string' | 'number' | 'word' | 'plain' }

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g

/** JSON text in pieces that can be coloured. */
export function jsonTokens(text: string): JsonToken[] {
  const tokens: JsonToken[] = []
  let from = 0
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > from) tokens.push({ text: text.slice(from, match.index), kind: 'plain' })
    const [whole, string, colon, number] = match
    if (string !== undefined) {
      tokens.push({ text: string, kind: colon === undefined ? 'string' : 'key' })
      if (colon !== undefined) tokens.push({ text: colon, kind: 'plain' })
    } else tokens.push({ text: whole, kind: number === undefined ? 'word' : 'number' })
    from = match.index + whole.length
  }
  if (from < text.length) tokens.push({ text: text.slice(from), kind: 'plain' })
  return tokens
}
