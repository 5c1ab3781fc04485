import type { Principal } from '../users/index.ts'
import type { AgentCache, PreparedVersion } from './agent-cache.ts'
import { agentsErrors } from './agents.errors.ts'
import type { AgentStanding } from './agents.queries.ts'
import type { AgentManifest } from './agents.schema.ts'
import type { AgentStatus } from './agent-status.ts'
import type { ConsentTerms } from './consent/terms.ts'
import type { FieldProblem } from './validators.ts'

export type AgentDeps = {
  readonly cache: AgentCache
  /** The creator's part where the agent has none of its own, in parts of 10 000. */
  readonly creatorShare: number
}

/** An agent and the version of it that a run will execute. */
export type RunnableAgent = {
  readonly agentId: string
  readonly version: number
  readonly name: string
  /** The creator's account, which earns. */
  readonly accountId: string
  readonly createdBy: string
  readonly visibility: 'private' | 'unlisted' | 'public'
  readonly status: AgentStatus
  readonly manifest: AgentManifest
  /** What a caller agrees to by running it, and the name of that. */
  readonly terms: ConsentTerms
  readonly manifestHash: string
  readonly code: { readonly fileUrl: string; readonly sha256: string; readonly sizeBytes: number }
  /** Published by an admin of the site: runs below isolation grade `strong` too. */
  readonly trusted: boolean
  /** Marked by the operator: guests may run it. */
  readonly isTrial: boolean
  /** Parts of 10 000. */
  readonly creatorShare: number
  /** @param fileKeys the files that came with the request; a reference to any other is a problem
   * @throws INPUT_INVALID naming up to 20 fields */
  validateInput(input: unknown, fileKeys?: ReadonlySet<string>): void
  /** Null where the agent declares no output; otherwise checks the output's JSON text, null = it fits. */
  readonly validateOutput: ((outputJson: Uint8Array) => readonly FieldProblem[] | null) | null
}

/** The agent as it may be run now by this principal. No database round trip where the caches know it.
 * @param options.version a pinned version; otherwise the active one
 * @throws AGENT_NOT_FOUND (also for a private agent of others), AGENT_INACTIVE, VERSION_NOT_FOUND */
export async function getRunnableAgent(
  deps: AgentDeps,
  principal: Principal,
  agentId: string,
  options: { readonly version?: number } = {},
): Promise<RunnableAgent> {
  const standing = await deps.cache.findStanding(agentId)
  if (standing === null || !isVisible(standing, principal)) throw agentsErrors.AGENT_NOT_FOUND({ agentId })
  const version = options.version ?? standing.activeVersion
  if (standing.status !== 'active' || version === null)
    throw agentsErrors.AGENT_INACTIVE({ agentId, status: standing.status })
  const prepared = await deps.cache.findVersion(agentId, version)
  if (prepared === null) throw agentsErrors.VERSION_NOT_FOUND({ agentId, version })
  return runnable(deps, standing, prepared)
}

/** Unlisted agents are seen by whoever knows their id, private ones by their account and the site's admins. */
export function isVisible(
  agent: { readonly visibility: 'private' | 'unlisted' | 'public'; readonly accountId: string },
  principal: Principal | null,
): boolean {
  if (agent.visibility !== 'private') return true
  return principal !== null && (principal.isAdmin || principal.accountId === agent.accountId)
}

function runnable(deps: AgentDeps, standing: AgentStanding, prepared: PreparedVersion): RunnableAgent {
  const { checkInput, checkOutput } = prepared
  return {
    agentId: standing.agentId,
    version: prepared.version,
    name: standing.name,
    accountId: standing.accountId,
    createdBy: standing.createdBy,
    visibility: standing.visibility,
    status: standing.status,
    manifest: prepared.manifest,
    terms: prepared.terms,
    manifestHash: prepared.manifestHash,
    code: prepared.code,
    trusted: prepared.trusted,
    isTrial: standing.isTrial,
    creatorShare: standing.creatorShare ?? deps.creatorShare,
    validateInput(input, fileKeys) {
      const fields = checkInput(input, fileKeys)
      if (fields !== null) throw agentsErrors.INPUT_INVALID({ agentId: standing.agentId, fields })
    },
    validateOutput: checkOutput === null ? null : (outputJson) => checkOutput(JSON.parse(textOf(outputJson))),
  }
}

/** Without a copy of the bytes, of which there may be ten million. */
const textOf = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('utf8')
