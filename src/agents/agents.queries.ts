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
}

export const FIND_STANDING = statement<AgentStanding>(
  'agents.find_standing',
  `select id as "agentId", name, "accountId", "createdBy", visibility, status, "activeVersion", "creatorShare"
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
  slug: string
  accountId: string
  status: AgentStatus
  visibility: AgentVisibility
  version: number | null
  manifest: unknown
  createdAt: Date
  updatedAt: Date
}

const AGENT_COLUMNS = `a.id, a.name, a.description, o.slug as owner, a.slug, a."accountId", a.status, a.visibility,
  a."activeVersion" as version, v.manifest, a."createdAt", a."updatedAt"`

const AGENT_TABLES = `"Agent" a join "Account" o on o.id = a."accountId"
  left join "AgentVersion" v on v."agentId" = a.id and v.version = a."activeVersion"`

/** What everyone may see, and all of one's own. $1 account or null, $2 search or null, ($3, $4) the last agent of the
 * page before, $5 rows. The public part reads by the index on (visibility, status, createdAt, id). */
export const LIST_AGENTS = statement<AgentRow>(
  'agents.list',
  `select ${AGENT_COLUMNS} from ${AGENT_TABLES}
   where ((a.visibility = 'public' and a.status = 'active') or a."accountId" = $1)
     and ($2::text is null or a.name ilike $2 or a.description ilike $2)
     and ($3::timestamptz is null or (a."createdAt", a.id) < ($3, $4))
   order by a."createdAt" desc, a.id desc limit $5`,
)

export const FIND_AGENT = statement<AgentRow & { examples: Buffer | null }>(
  'agents.find',
  `select ${AGENT_COLUMNS}, v.examples from ${AGENT_TABLES} where a.id = $1`,
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
