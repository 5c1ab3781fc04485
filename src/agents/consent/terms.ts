import { createHash } from 'node:crypto'
import { z } from 'zod'
import { formatCredits } from '../../credits/index.ts'
import { isCovered } from '../../sandbox/index.ts'
import type { AgentManifest } from '../agents.schema.ts'

/** What somebody agrees to who runs an agent: where their data may go, which of their secrets it uses and where those
 * go, what it may cost. Micro-credits as decimal strings. */
export const consentTerms = z.object({
  hosts: z.array(z.string()),
  secrets: z.array(z.object({ name: z.string(), hosts: z.array(z.string()) })),
  runMicro: z.string().regex(/^\d+$/),
  maxMicro: z.string().regex(/^\d+$/),
})
export type ConsentTerms = z.infer<typeof consentTerms>

export function termsOf(manifest: AgentManifest): ConsentTerms {
  return {
    hosts: [...manifest.egress].sort(),
    secrets: manifest.secrets
      .map(({ name, hosts }) => ({ name, hosts: [...hosts].sort() }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
    runMicro: manifest.price.runMicro.toString(),
    maxMicro: manifest.price.maxMicro.toString(),
  }
}

/** Names the terms of one agent: the same for two versions that ask for the same. */
export function hashTerms(agentId: string, terms: ConsentTerms): string {
  const { hosts, secrets, runMicro, maxMicro } = terms
  const facts = [agentId, hosts, secrets.map((secret) => [secret.name, secret.hosts]), runMicro, maxMicro]
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex')
}

/** Nothing leaves and nothing is paid: there is nothing to agree to. */
export function isNothingAsked(terms: ConsentTerms): boolean {
  return terms.hosts.length === 0 && terms.secrets.length === 0 && terms.maxMicro === '0'
}

const change = z.object({ from: z.string(), to: z.string() }).nullable()
export const widening = z.object({
  hosts: z.array(z.string()).describe('Hosts it did not ask for before'),
  secrets: z.array(z.string()).describe('Secrets it did not ask for before, or wants to send elsewhere'),
  run: change.describe('Price of a run, where it rose'),
  max: change.describe('Most that a run can cost, where it rose'),
})
export type Widening = z.infer<typeof widening>

/** What `asked` takes beyond `agreed`; null where it takes no more.
 * A dearer event is none: what events may cost together is bound by the maximum that was agreed to. */
export function wideningOf(agreed: ConsentTerms, asked: ConsentTerms): Widening | null {
  const hosts = asked.hosts.filter((host) => !isCovered(agreed.hosts, host))
  const secrets = asked.secrets
    .filter(({ name, hosts: wanted }) => {
      const known = agreed.secrets.find((secret) => secret.name === name)
      return known === undefined || wanted.some((host) => !isCovered(known.hosts, host))
    })
    .map((secret) => secret.name)
  const run = riseOf(agreed.runMicro, asked.runMicro)
  const max = riseOf(agreed.maxMicro, asked.maxMicro)
  return hosts.length + secrets.length === 0 && run === null && max === null ? null : { hosts, secrets, run, max }
}

function riseOf(from: string, to: string): { from: string; to: string } | null {
  const [before, after] = [BigInt(from), BigInt(to)]
  return after > before ? { from: formatCredits(before), to: formatCredits(after) } : null
}
