import { formatCredits } from '../../credits/index.ts'
import type { AgentManifest, JsonSchema } from '../agents.schema.ts'

/** What a version promises its callers, and the code that keeps it. */
export type VersionPromises = {
  readonly manifest: AgentManifest
  readonly sha256: string
}

/** One difference between a version and the one before it. Null stands for what was, or is, not there. */
export type VersionChange = {
  readonly what: 'code' | 'input' | 'output' | 'price' | 'host' | 'secret' | 'limit'
  /** Of what: a field, an event, a host, a limit. */
  readonly name: string
  readonly from: string | null
  readonly to: string | null
}

/** What changed for callers from one version to the next, in the order in which one would ask: what it costs, where data
 * goes, what it takes and answers, its bounds, and whether the code is another. */
export function changesBetween(before: VersionPromises, after: VersionPromises): VersionChange[] {
  const [old, now] = [before.manifest, after.manifest]
  return [
    ...differences('price', pricesOf(old), pricesOf(now)),
    ...differences('host', Object.fromEntries(old.egress.map(asIs)), Object.fromEntries(now.egress.map(asIs))),
    ...differences('secret', secretsOf(old), secretsOf(now)),
    ...differences('input', fieldsOf(old.input), fieldsOf(now.input)),
    ...differences('output', fieldsOf(old.output), fieldsOf(now.output)),
    ...differences('limit', limitsOf(old), limitsOf(now)),
    ...differences('code', { sha256: before.sha256 }, { sha256: after.sha256 }),
  ]
}

function differences(
  what: VersionChange['what'],
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): VersionChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name) => {
    const from = Object.hasOwn(before, name) ? (before[name] ?? null) : null
    const to = Object.hasOwn(after, name) ? (after[name] ?? null) : null
    return from === to ? [] : [{ what, name, from, to }]
  })
}

const asIs = (text: string): [string, string] => [text, text]

const pricesOf = ({ price }: AgentManifest): Record<string, string> => ({
  run: formatCredits(price.runMicro),
  max: formatCredits(price.maxMicro),
  ...Object.fromEntries(Object.entries(price.events).map(([name, each]) => [`event ${name}`, formatCredits(each)])),
})

const secretsOf = ({ secrets }: AgentManifest): Record<string, string> =>
  Object.fromEntries(secrets.map(({ name, hosts }) => [name, `to ${[...hosts].sort().join(', ')}`]))

const limitsOf = ({ limits }: AgentManifest): Record<string, string> => ({
  time: `${limits.timeoutMs} ms`,
  memory: `${limits.memoryMb} MB`,
  'processor time': `${limits.cpuMs} ms`,
})

/** Fields by name, each with its kind and bounds; a schema that is no object is one nameless field. */
function fieldsOf(schema: JsonSchema | null): Record<string, string> {
  const properties = isObject(schema) ? schema['properties'] : undefined
  if (!isObject(schema) || !isObject(properties)) return { '': schema === null ? 'anything' : wordsOf(schema) }
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  return Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [
      name,
      `${wordsOf(field)}, ${required.includes(name) ? 'required' : 'optional'}`,
    ]),
  )
}

/** What a field takes: its type first, then whatever bounds it. Titles and descriptions are no promise. */
function wordsOf(schema: unknown): string {
  if (!isObject(schema)) return schema === false ? 'nothing' : 'anything'
  const { type, title: _title, description: _description, ...bounds } = schema
  const kind = typeof type === 'string' ? type : Array.isArray(type) ? type.join(' or ') : 'value'
  const rest = Object.entries(bounds).sort(([a], [b]) => (a < b ? -1 : 1))
  const words = rest.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(', ')
  const text = words === '' ? kind : `${kind} (${words})`
  return text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS - 1)}…` : text
}

const MOST_CHARS = 300

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
