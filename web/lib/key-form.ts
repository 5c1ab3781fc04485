import { isAmount, microOf } from './credits.ts'
import { present, type Faults } from './form-faults.ts'

/** What a key can be made for, in words. The first are what a program that runs agents needs. */
export const SCOPE_WORDS = {
  'runs.create': 'Run agents, and spend credits on it',
  'runs.read': 'Read runs, results and logs',
  'agents.read': 'Read agents that are not public',
  'agents.write': 'Publish and change agents',
  'credits.read': 'Read balance and statement',
  'members.read': 'Read who belongs to the account',
  'audit.read': 'Read what was done in the account',
  'secrets.read': 'List the names of secrets',
  'secrets.write': 'Set secrets that agents ask for',
  'keys.read': 'List API keys',
  'keys.write': 'Make and revoke API keys',
  admin: 'Operate this site',
} as const
export type Scope = keyof typeof SCOPE_WORDS

/** The scopes that somebody may give away: what they may do themselves. */
export function scopesOf(permissions: readonly string[]): Scope[] {
  return scopes().filter((scope) => permissions.includes(scope))
}

/** A fresh key can run agents and see what became of it, and nothing else. */
export const USUAL_SCOPES: readonly Scope[] = ['runs.create', 'runs.read', 'agents.read']

export type KeyOrder = {
  readonly name: string
  readonly scopes: Scope[]
  readonly agentIds: string[]
  readonly expiresAt: string | null
  readonly monthlyCapMicro: string | null
}
type Typed = {
  readonly name: string
  readonly scopes: readonly string[]
  readonly agentIds: readonly string[]
  /** Days until it ends; `never`. */
  readonly days: string
  readonly cap: string
}

/** What the form holds, as the API takes it, or what is wrong with it. */
export function keyOrder(typed: Typed, nowMs: number): { order: KeyOrder } | { faults: Faults } {
  const wanted = scopes().filter((scope) => typed.scopes.includes(scope))
  const cap = typed.cap.trim()
  const faults = present({
    name: typed.name.trim() === '' ? 'Say what it is for, so that you know it again' : undefined,
    scopes: wanted.length === 0 ? 'Choose at least one thing that the key may do' : undefined,
    cap:
      cap !== '' && (!isAmount(cap) || microOf(cap) === 0n)
        ? 'Is not an amount of credits, such as 25 or 2.5'
        : undefined,
  })
  if (Object.keys(faults).length > 0) return { faults }
  const days = Number(typed.days)
  return {
    order: {
      name: typed.name.trim(),
      scopes: wanted,
      agentIds: [...typed.agentIds],
      expiresAt: Number.isInteger(days) && days > 0 ? new Date(nowMs + days * 86_400_000).toISOString() : null,
      monthlyCapMicro: cap === '' ? null : microOf(cap).toString(),
    },
  }
}

/** A call that works as it stands, to be pasted into a shell: the values are ours, and quoted all the same. */
export function curlFor(origin: string, key: string, agentId: string): string {
  return [
    `curl ${quote(`${origin}/api/agents/${encodeURIComponent(agentId)}/run`)} \\`,
    `  -H ${quote(`Authorization: Bearer ${key}`)} \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d '{"text": "hello"}'`,
  ].join('\n')
}

/** One word of a POSIX shell. */
const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

function scopes(): Scope[] {
  const all: Scope[] = []
  let scope: Scope
  for (scope in SCOPE_WORDS) all.push(scope)
  return all
}
