import { encodeBlob } from '../platform/blob.ts'
import { statement } from '../platform/database.ts'
import type { AgentStatus } from './agent-status.ts'

export type AgentVisibility = 'private' | 'unlisted' | 'public'

/** What may change from one moment to the next about an agent that runs. */
export type AgentStanding = {
  agentId: string
  name: string
  accountId: string
  createdBy: string
  visibility: AgentVisibility
  status: AgentStatus
  activeVersion: number | null
  creatorShare: number | null
  isTrial: boolean
}

export const FIND_STANDING = statement<AgentStanding>(
  'agents.find_standing',
  `select id as "agentId", name, "accountId", "createdBy", visibility, status, "activeVersion", "creatorShare",
     "isTrial"
   from "Agent" where id = $1`,
)

export type VersionRow = {
  agentId: string
  version: number
  fileUrl: string
  sha256: string
  sizeBytes: number
  trusted: boolean
  manifest: unknown
}

export const FIND_VERSION = statement<VersionRow>(
  'agents.find_version',
  `select "agentId", version, "fileUrl", sha256, "sizeBytes", trusted, manifest
   from "AgentVersion" where "agentId" = $1 and version = $2`,
)

export type AgentRow = {
  id: string
  name: string
  description: string
  owner: string
  ownerName: string
  slug: string
  accountId: string
  status: AgentStatus
  visibility: AgentVisibility
  version: number | null
  category: string
  language: string
  icon: string | null
  hosts: number
  isTrial: boolean
  hasExample: boolean
  runs: number
  endedRuns: number
  succeeded: number
  typicalMicro: bigint | null
  p50Ms: number | null
  p95Ms: number | null
  manifest: unknown
  createdAt: Date
  updatedAt: Date
}

/** An empty list as it is stored (platform/blob.ts). The length of a value is known without unpacking it. */
const NO_EXAMPLES_BYTES = encodeBlob(Buffer.from('[]')).byteLength

export const AGENT_COLUMNS = `a.id, a.name, a.description, o.slug as owner, o.name as "ownerName", a.slug, a."accountId",
  a.status, a.visibility, a."activeVersion" as version, a.category, a.language, a.icon, a.hosts, a."isTrial", a.runs,
  a."endedRuns", a.succeeded, a."typicalMicro", a."p50Ms", a."p95Ms", v.manifest, a."createdAt", a."updatedAt",
  coalesce(octet_length(v.examples), 0) > ${NO_EXAMPLES_BYTES} as "hasExample"`

export const AGENT_TABLES = `"Agent" a join "Account" o on o.id = a."accountId"
  left join "AgentVersion" v on v."agentId" = a.id and v.version = a."activeVersion"`

export type DetailedAgentRow = AgentRow & { examples: Buffer | null; readme: string | null }

export const FIND_AGENT = statement<DetailedAgentRow>(
  'agents.find',
  `select ${AGENT_COLUMNS}, v.examples, v.readme from ${AGENT_TABLES} where a.id = $1`,
)

export const FIND_AGENT_BY_NAME = statement<DetailedAgentRow>(
  'agents.find_by_name',
  `select ${AGENT_COLUMNS}, v.examples, v.readme from ${AGENT_TABLES} where o.slug = $1 and a.slug = $2`,
)

/** As {@link FIND_AGENT} and {@link FIND_AGENT_BY_NAME}, with what another version says instead of the active one. */
const AT_VERSION = `select ${AGENT_COLUMNS}, v.examples, v.readme, v.version as pinned
  from "Agent" a join "Account" o on o.id = a."accountId"
  left join "AgentVersion" v on v."agentId" = a.id and v.version =`
export type PinnedAgentRow = DetailedAgentRow & { pinned: number | null }
export const FIND_AGENT_AT = statement<PinnedAgentRow>('agents.find_at', `${AT_VERSION} $2 where a.id = $1`)
export const FIND_AGENT_BY_NAME_AT = statement<PinnedAgentRow>(
  'agents.find_by_name_at',
  `${AT_VERSION} $3 where o.slug = $1 and a.slug = $2`,
)

/** The guard is the status that was decided upon: whoever changed it meanwhile wins, and we look again. */
export const SET_STATUS = statement(
  'agents.set_status',
  `update "Agent" set status = $3::"AgentStatus", "updatedAt" = now() where id = $1 and status = $2::"AgentStatus"`,
)

export type MetricsRow = {
  timestamp: Date
  version: number
  runs: number
  succeeded: number
  failed: number
  timedOut: number
  canceled: number
  callers: number
  p50Ms: number
  p95Ms: number
  p99Ms: number
  chargedMicro: bigint
  creatorMicro: bigint
}

export const LIST_METRICS = statement<MetricsRow>(
  'agents.list_metrics',
  `select timestamp, version, runs, succeeded, failed, "timedOut", canceled, callers, "p50Ms", "p95Ms", "p99Ms",
     "chargedMicro", "creatorMicro"
   from "AgentMetrics" where "agentId" = $1
     and ($2::timestamptz is null or (timestamp, version) < ($2, $3))
   order by timestamp desc, version desc limit $4`,
)

/** Affects nothing where it is so already. */
export const SET_TRIAL = statement(
  'agents.set_trial',
  `update "Agent" set "isTrial" = $2 where id = $1 and "isTrial" <> $2`,
)
