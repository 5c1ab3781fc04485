import { decodeBlob } from '../platform/blob.ts'
import type { Database, Queryable } from '../platform/database.ts'
import { authorize, type Origin, type Principal } from '../users/index.ts'
import { manifestOf } from './agent-cache.ts'
import { agentsErrors } from './agents.errors.ts'
import {
  FIND_AGENT,
  FIND_AGENT_AT,
  FIND_AGENT_BY_NAME,
  FIND_AGENT_BY_NAME_AT,
  type DetailedAgentRow,
  type PinnedAgentRow,
} from './agents.queries.ts'
import { agentExample, type AgentExample, type AgentView } from './agents.schema.ts'
import { findConsent, giveConsent, type AgentTerms, type ConsentState } from './consent/consents.ts'
import { hashTerms, termsOf } from './consent/terms.ts'
import { isVisible } from './get-runnable-agent.ts'
import { presentListedAgent } from './list-agents.ts'

/** `version` is the one that is shown; `currentVersion` stands where that is another than the active one. */
export type FoundAgent = DetailedAgentRow & { readonly currentVersion?: number | null }

/** An agent for whoever may see it. One that is not active is seen by its own account and the site's admins.
 * @param principal null for a visitor   @param version with what that version says; the active one without
 * @throws AGENT_NOT_FOUND (also for what others may not see), VERSION_NOT_FOUND, FORBIDDEN */
export async function getAgent(
  deps: { readonly db: Queryable },
  principal: Principal | null,
  agentId: string,
  version?: number,
): Promise<FoundAgent> {
  if (principal !== null) authorize(principal, 'agents.read', { agentId })
  if (version !== undefined) {
    const [pinned] = await deps.db.query(FIND_AGENT_AT, [agentId, version])
    return atVersion(seen(pinned, principal, { agentId }), version)
  }
  const [agent] = await deps.db.query(FIND_AGENT, [agentId])
  return seen(agent, principal, { agentId })
}

/** {@link getAgent} by the names in its address: the account's and the agent's. */
export async function getAgentByName(
  deps: { readonly db: Queryable },
  principal: Principal | null,
  { owner, slug }: { readonly owner: string; readonly slug: string },
  version?: number,
): Promise<FoundAgent> {
  const asked = { agentId: `${owner}/${slug}` }
  const mayRead = (agent: DetailedAgentRow | undefined) =>
    principal !== null && authorize(principal, 'agents.read', agent === undefined ? {} : { agentId: agent.id })
  if (version !== undefined) {
    const [pinned] = await deps.db.query(FIND_AGENT_BY_NAME_AT, [owner, slug, version])
    mayRead(pinned)
    return atVersion(seen(pinned, principal, asked), version)
  }
  const [agent] = await deps.db.query(FIND_AGENT_BY_NAME, [owner, slug])
  mayRead(agent)
  return seen(agent, principal, asked)
}

function atVersion({ pinned, ...agent }: PinnedAgentRow, version: number): FoundAgent {
  if (pinned === null) throw agentsErrors.VERSION_NOT_FOUND({ agentId: agent.id, version })
  const hosts = manifestOf(agent.manifest).egress.length
  return { ...agent, hosts, version: pinned, currentVersion: agent.version }
}

function seen<T extends DetailedAgentRow>(
  agent: T | undefined,
  principal: Principal | null,
  asked: { readonly agentId: string },
): T {
  const isShown =
    agent !== undefined &&
    isVisible({ ...agent, ...(agent.status === 'active' ? {} : { visibility: 'private' }) }, principal)
  if (!isShown) throw agentsErrors.AGENT_NOT_FOUND(asked)
  return agent
}

/** What the site adds to what the agent says of itself. */
export type SiteFacts = Pick<AgentView, 'isolation' | 'trialsLeft'> & { readonly retention: { readonly days: number } }

/** What running the agent's active version means to a caller; null without one. */
export function termsOfAgent(agent: FoundAgent): AgentTerms | null {
  if (agent.manifest === null) return null
  const terms = termsOf(manifestOf(agent.manifest))
  return { agentId: agent.id, accountId: agent.accountId, terms, manifestHash: hashTerms(agent.id, terms) }
}

/** Agrees, for the principal's account, to what the agent's active version declares.
 * @throws FORBIDDEN, AGENT_INACTIVE, CONSENT_REQUIRED where `manifestHash` names other terms than those of now */
export async function giveConsentTo(
  deps: { readonly db: Database },
  principal: Principal,
  agent: FoundAgent,
  manifestHash: string,
  origin: Origin = {},
): Promise<void> {
  const terms = termsOfAgent(agent)
  if (terms === null) throw agentsErrors.AGENT_INACTIVE({ agentId: agent.id, status: agent.status })
  await giveConsent(deps, principal, terms, manifestHash, origin)
}

/** The agent for whoever asks: with whether they have agreed to what it declares. */
export async function presentAgentTo(
  deps: { readonly db: Queryable },
  principal: Principal | null,
  agent: FoundAgent,
  site: SiteFacts,
): Promise<AgentView> {
  const terms = termsOfAgent(agent)
  const consent = principal === null || terms === null ? null : await findConsent(deps, principal.accountId, terms)
  return presentAgent(agent, site, { consent, isOwn: principal?.accountId === agent.accountId })
}

/** What an agent's view says to whoever asks, of themselves. */
type Reader = Pick<AgentView, 'isOwn'> & { readonly consent: ConsentState | null }
const NOBODY: Reader = { consent: null, isOwn: false }

/** The secrets that the agent's active version declares. */
export function secretsOf(agent: FoundAgent): AgentView['secrets'] {
  const { secrets = [] } = agent.manifest === null ? {} : manifestOf(agent.manifest)
  return secrets.map((secret) => ({ ...secret, hosts: [...secret.hosts] }))
}

/** A file that the smoke run of an example of the active version made: whoever sees the agent may see it.
 * @throws AGENT_NOT_FOUND, EXAMPLE_FILE_GONE */
export function findExampleFile(agent: FoundAgent, at: number, name: string): AgentExample['files'][number] {
  const found = examplesOf(agent)[at]?.files.find((file) => file.name === name)
  if (found === undefined) throw agentsErrors.EXAMPLE_FILE_GONE({ name })
  return found
}

const DAY_MS = 86_400_000

const retentionOf = (days: number, retainMs: number | null): AgentView['retention'] => ({
  days,
  ms: Math.min(days * DAY_MS, retainMs ?? Infinity),
})

function examplesOf(agent: FoundAgent): AgentExample[] {
  if (agent.examples === null) return []
  return agentExample.array().parse(JSON.parse(decodeBlob(agent.examples).toString('utf8')))
}

/** With schemas, limits and examples: everything a caller needs to run it. */
export function presentAgent(agent: FoundAgent, site: SiteFacts, reader: Reader = NOBODY): AgentView {
  const manifest = agent.manifest === null ? null : manifestOf(agent.manifest)
  const examples = examplesOf(agent).map((example, at) => ({
    ...example,
    files: example.files.map(({ name, type, sizeBytes }) => ({
      name,
      type,
      sizeBytes,
      url: `/api/agents/${agent.id}/examples/${at}/files/${encodeURIComponent(name)}`,
    })),
  }))
  const { p50Ms, p95Ms } = agent
  return {
    ...presentListedAgent(agent),
    ...site,
    retention: retentionOf(site.retention.days, manifest?.retainMs ?? null),
    currentVersion: agent.currentVersion ?? agent.version,
    input: manifest?.input ?? null,
    output: manifest?.output ?? null,
    view: manifest?.view ?? null,
    readme: agent.readme,
    limits: manifest?.limits ?? null,
    egress: [...(manifest?.egress ?? [])],
    secrets: secretsOf(agent),
    manifestHash: termsOfAgent(agent)?.manifestHash ?? null,
    ...reader,
    idempotent: manifest?.idempotent ?? false,
    streams: manifest?.streams ?? false,
    examples,
    latency:
      p50Ms === null || p95Ms === null
        ? null
        : { p50Ms: Math.round(p50Ms * 10) / 10, p95Ms: Math.round(p95Ms * 10) / 10 },
  }
}
