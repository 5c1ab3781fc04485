/** Where a text stops being JSON: the index of the first character that no JSON text could have there, or the length
 * when it merely ends too early. V8 names a position in some of its messages only, so this walks the grammar (RFC 8259)
 * once more, and only for a text that JSON.parse has refused. Not recursive: the depth is a stranger's. */
export function findJsonFault(text: string): number {
  const open: ('{' | '[')[] = []
  let at = skipSpace(text, 0)
  let expects: Expected = 'value'
  for (;;) {
    const char = text[at]
    if (char === undefined) return text.length
    const step = next(text, at, char, expects, open)
    if (step.fault !== undefined) return step.fault
    expects = step.expects
    at = skipSpace(text, step.at)
    if (expects === 'end') return at
  }
}

type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma' | 'end'
type Step = { readonly fault?: number; readonly at: number; readonly expects: Expected }

const fault = (at: number): Step => ({ fault: at, at, expects: 'end' })

function next(text: string, at: number, char: string, expects: Expected, open: ('{' | '[')[]): Step {
  if (expects === 'colon') return char === ':' ? { at: at + 1, expects: 'value' } : fault(at)
  if (expects === 'comma') return afterValue(at, char, open)
  if (expects === 'key' || expects === 'key or }') {
    if (char === '}' && expects === 'key or }') return closed(at, open)
    if (char !== '"') return fault(at)
    const end = token(text, at, STRING)
    return end < 0 ? fault(-end - 1) : { at: end, expects: 'colon' }
  }
  if (char === ']' && expects === 'value or ]') return closed(at, open)
  if (char === '{') {
    open.push('{')
    return { at: at + 1, expects: 'key or }' }
  }
  if (char === '[') {
    open.push('[')
    return { at: at + 1, expects: 'value or ]' }
  }
  const end = token(text, at, char === '"' ? STRING : SCALAR)
  return end < 0 ? fault(-end - 1) : { at: end, expects: open.length === 0 ? 'end' : 'comma' }
}

function afterValue(at: number, char: string, open: ('{' | '[')[]): Step {
  const inside = open.at(-1)
  if (char === ',') return { at: at + 1, expects: inside === '{' ? 'key' : 'value' }
  return (char === '}' && inside === '{') || (char === ']' && inside === '[') ? closed(at, open) : fault(at)
}

function closed(at: number, open: ('{' | '[')[]): Step {
  open.pop()
  return { at: at + 1, expects: open.length === 0 ? 'end' : 'comma' }
}

const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y
const SCALAR = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y

/** @returns the index after the token, or -(index of the fault) - 1 */
function token(text: string, at: number, pattern: RegExp): number {
  pattern.lastIndex = at
  const end = pattern.test(text) ? pattern.lastIndex : at
  if (pattern === SCALAR) return end > at ? end : -at - 1
  return text[end] === '"' ? end + 1 : -end - 1
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++
  return at
}
