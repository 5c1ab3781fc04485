/** A host as a manifest names it: `example.com`, `*.example.com` (every name below it, not itself), `*` (every public
 * host), each with `:port` or without, which stands for 80 and 443. Always as a URL would write it: lower case, no dot
 * at the end. */
export type HostPattern = {
  readonly name: string
  readonly port: number | null
}

/** What a manifest may write. An IPv6 address cannot be declared: nobody publishes a service under one. */
export const HOST_PATTERN = /^(\*|(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*)(:\d{1,5})?$/

const USUAL_PORTS: readonly number[] = [80, 443]

/** @returns null for what is no host pattern */
export function parseHostPattern(text: string): HostPattern | null {
  if (!HOST_PATTERN.test(text)) return null
  const [name = '', port] = text.split(':')
  const number = port === undefined ? null : Number(port)
  return number !== null && (number < 1 || number > 65_535) ? null : { name, port: number }
}

/** Is this host at this port one of the declared ones?
 * @param host as a URL has it, without a dot at the end */
export function isDeclared(patterns: readonly string[], host: string, port: number): boolean {
  return patterns.some((text) => {
    const pattern = parseHostPattern(text)
    return pattern !== null && coversName(pattern.name, host) && coversPort(pattern.port, port)
  })
}

/** Does `patterns` already allow all that `asked` does? A manifest that asks for no more than before needs no new
 * consent. */
export function isCovered(patterns: readonly string[], asked: string): boolean {
  const wanted = parseHostPattern(asked)
  if (wanted === null) return false
  const ports = wanted.port === null ? USUAL_PORTS : [wanted.port]
  return patterns.some((text) => {
    const pattern = parseHostPattern(text)
    if (pattern === null || !coversName(pattern.name, wanted.name)) return false
    return ports.every((port) => coversPort(pattern.port, port))
  })
}

function coversName(pattern: string, name: string): boolean {
  if (pattern === '*' || pattern === name) return true
  return pattern.startsWith('*.') && name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1
}

const coversPort = (pattern: number | null, port: number): boolean =>
  pattern === null ? USUAL_PORTS.includes(port) : pattern === port
