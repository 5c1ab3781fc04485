import type { AgentVisibility } from '../agents/index.ts'
import { statement } from '../platform/database.ts'
import type { DeploymentStatus } from './deployment-status.ts'

export type AgentOwner = { id: string; accountId: string; createdBy: string; slug: string }

export const FIND_AGENT_BY_ID = statement<AgentOwner>(
  'deployments.find_agent_by_id',
  `select id, "accountId", "createdBy", slug from "Agent" where id = $1`,
)

export const FIND_AGENT_BY_SLUG = statement<AgentOwner>(
  'deployments.find_agent_by_slug',
  `select id, "accountId", "createdBy", slug from "Agent" where "accountId" = $1 and slug = $2`,
)

/** Two first uploads of one slug at once: the unique key (accountId, slug) lets one of them make the agent. */
export const INSERT_AGENT = statement(
  'deployments.insert_agent',
  `insert into "Agent" (id, name, description, "fileUrl", status, "createdBy", "accountId", slug, visibility)
   values ($1, $2, '', '', 'draft', $3, $4, $5, $6::"AgentVisibility") on conflict ("accountId", slug) do nothing`,
)

export const SET_VISIBILITY = statement(
  'deployments.set_visibility',
  `update "Agent" set visibility = $2::"AgentVisibility", "updatedAt" = now() where id = $1`,
)

export const NEXT_VERSION = statement<{ version: number }>(
  'deployments.next_version',
  `select coalesce(max(version), 0) + 1 as version from "Deployment" where "agentId" = $1`,
)

/** The unique key (agentId, version) decides between two uploads that chose one number. */
export const INSERT_DEPLOYMENT = statement(
  'deployments.insert',
  `insert into "Deployment" (id, status, "agentId", version, "sourceUrl", "createdBy", steps)
   values ($1, 'pending', $2, $3, $4, $5, '[]') on conflict ("agentId", version) do nothing`,
)

export type DeploymentRow = {
  id: string
  status: DeploymentStatus
  agentId: string
  version: number
  sourceUrl: string
  createdBy: string
  code: string | null
  message: string | null
  steps: unknown
  health: unknown
  agentCreatedBy: string
  accountId: string
  visibility: AgentVisibility
  createdAt: Date
  finishedAt: Date | null
}

const DEPLOYMENT_COLUMNS = `d.id, d.status, d."agentId", d.version, d."sourceUrl", d."createdBy", d.code, d.message, d.steps,
  d.health, a."createdBy" as "agentCreatedBy", a."accountId", a.visibility, d."createdAt", d."finishedAt"`

export const FIND_DEPLOYMENT = statement<DeploymentRow>(
  'deployments.find',
  `select ${DEPLOYMENT_COLUMNS} from "Deployment" d join "Agent" a on a.id = d."agentId" where d.id = $1`,
)

/** The newest upload of an agent, whatever became of it. */
export const FIND_NEWEST_DEPLOYMENT = statement<DeploymentRow>(
  'deployments.find_newest',
  `select ${DEPLOYMENT_COLUMNS} from "Deployment" d join "Agent" a on a.id = d."agentId"
   where d."agentId" = $1 order by d.version desc limit 1`,
)

/** The guard is the status that was decided upon. */
export const SET_DEPLOYMENT_STATUS = statement(
  'deployments.set_status',
  `update "Deployment" set status = $3::"DeploymentStatus", steps = $4, "updatedAt" = now()
   where id = $1 and status = $2::"DeploymentStatus"`,
)

export const SAVE_STEPS = statement(
  'deployments.save_steps',
  `update "Deployment" set steps = $2, "updatedAt" = now()
   where id = $1 and status in ('pending', 'building', 'testing')`,
)

export const END_DEPLOYMENT = statement(
  'deployments.end',
  `update "Deployment" set status = $3::"DeploymentStatus", steps = $4, health = $5, code = $6, message = $7,
     "updatedAt" = now(), "finishedAt" = now()
   where id = $1 and status = $2::"DeploymentStatus"`,
)

/** Activations of one agent take turns here, so that the newest version wins whichever finishes last. */
export const LOCK_AGENT = statement<{ status: string; activeVersion: number | null }>(
  'deployments.lock_agent',
  `select status, "activeVersion" from "Agent" where id = $1 for update`,
)

export const INSERT_VERSION = statement(
  'deployments.insert_version',
  `insert into "AgentVersion" ("agentId", version, "fileUrl", sha256, "sizeBytes", manifest, examples, trusted, "createdBy",
     readme)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict ("agentId", version) do nothing`,
)

export const SUPERSEDE_OLDER = statement(
  'deployments.supersede_older',
  `update "Deployment" set status = 'superseded', "updatedAt" = now()
   where "agentId" = $1 and version < $2 and status = 'active'`,
)

export const ACTIVATE_VERSION = statement(
  'deployments.activate_version',
  `update "Agent" set "activeVersion" = $2, "fileUrl" = $3, name = $4, description = $5, status = $6::"AgentStatus",
     category = $7, icon = $8, language = $9, hosts = $10, "maxMicro" = $11, "updatedAt" = now()
   where id = $1`,
)
