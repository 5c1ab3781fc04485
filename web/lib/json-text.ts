import { isRecord } from './is-record.ts'

/** The members of a JSON object, each value as the text it was written in: `1.0` and a number of 30 digits stay what
 * they are. Parsing to values and writing them again would lose both. */
export type Members = readonly (readonly [key: string, raw: string])[]

export type SplitJson =
  | { readonly ok: true; readonly members: Members }
  | { readonly ok: false; readonly message: string; readonly line: number | null }

/** The members of `text`; of a key that stands twice the last, as JSON.parse takes it. */
export function splitObject(text: string): SplitJson {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { ok: false, ...whereOf(error, text) }
  }
  if (!isRecord(value)) return { ok: false, message: 'The input has to be an object: { … }', line: null }
  const members = new Map<string, string>()
  let at = text.indexOf('{') + 1
  for (;;) {
    at = skipSpace(text, at)
    if (text[at] === '}' || at >= text.length) break
    if (text[at] === ',') {
      at += 1
      continue
    }
    const keyEnd = endOfValue(text, at)
    const key: unknown = JSON.parse(text.slice(at, keyEnd))
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const end = endOfValue(text, start)
    members.set(String(key), text.slice(start, end))
    at = end
  }
  return { ok: true, members: [...members] }
}

/** The object again, one member a line. */
export function joinObject(members: Members): string {
  if (members.length === 0) return '{}'
  const lines = members.map(([key, raw]) => `  ${JSON.stringify(key)}: ${raw}`)
  return `{\n${lines.join(',\n')}\n}`
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1
  return at
}

/** Where the value that begins at `from` ends. The text is known to be valid. */
function endOfValue(text: string, from: number): number {
  const first = text[from]
  if (first === '"') return endOfString(text, from)
  if (first !== '{' && first !== '[') {
    let at = from
    while (at < text.length && !/[\s,}\]]/.test(text.charAt(at))) at += 1
    return at
  }
  let depth = 0
  let at = from
  while (at < text.length) {
    const char = text[at]
    if (char === '"') {
      at = endOfString(text, at)
      continue
    }
    if (char === '{' || char === '[') depth += 1
    if (char === '}' || char === ']') depth -= 1
    at += 1
    if (depth === 0) return at
  }
  return at
}

function endOfString(text: string, from: number): number {
  let at = from + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function whereOf(error: unknown, text: string): { message: string; line: number | null } {
  if (text.trim() === '') return { message: 'There is nothing here yet. An empty input is {}.', line: null }
  const said = error instanceof Error ? error.message : 'This is not JSON'
  const position = /position (\d+)/.exec(said)?.[1]
  const line = position === undefined ? null : text.slice(0, Number(position)).split('\n').length
  return { message: line === null ? 'This is not valid JSON.' : `This is not valid JSON: look at line ${line}.`, line }
}
