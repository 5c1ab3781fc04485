import { agentsErrors, isVisible, type AgentVisibility } from '../agents/index.ts'
import { agentFileKey, type ObjectStore } from '../files/index.ts'
import type { JobSender } from '../jobs/index.ts'
import type { Database } from '../platform/database.ts'
import { newCuid } from '../platform/ids.ts'
import { authorize, recordAudit, type Principal } from '../users/index.ts'
import { deploymentsErrors } from './deployments.errors.ts'
import { agentDeployment } from './deployments.jobs.ts'
import {
  FIND_AGENT_BY_ID,
  FIND_AGENT_BY_SLUG,
  INSERT_AGENT,
  INSERT_DEPLOYMENT,
  NEXT_VERSION,
  SET_VISIBILITY,
  type AgentOwner,
} from './deployments.queries.ts'
import { checkSource, packSource, type SourceFiles } from './source-files.ts'

export type DeploymentDeps = {
  readonly db: Database
  readonly store: Pick<ObjectStore, 'put'>
  readonly jobs: JobSender
}

export type DeployOrder = {
  /** A new version of this agent; without it, of the account's agent called `slug`, which is made if there is none. */
  readonly agentId?: string
  readonly slug: string
  /** For an agent whose code gives no name; otherwise the code's name counts. */
  readonly name?: string
  readonly sourceFiles: SourceFiles
  /** Without it a new agent is private, and an old one stays as it is. */
  readonly visibility?: AgentVisibility
  /** Whose upload it is when the site itself deploys. Read from system principals only. */
  readonly createdBy?: string
}

export type DeploymentReceipt = { readonly deploymentId: string; readonly agentId: string; readonly version: number }

/** Takes an agent's source in and starts its way to being live: the source is stored, the deployment and its job commit
 * together, and the rest is the job's (carry-out-deployment.ts).
 * @throws FORBIDDEN, AGENT_NOT_FOUND, SLUG_INVALID, SOURCE_INVALID, DEPLOYMENT_BUSY, STORE_UNAVAILABLE */
export async function deployAgent(
  deps: DeploymentDeps,
  principal: Principal,
  order: DeployOrder,
): Promise<DeploymentReceipt> {
  authorize(principal, 'agents.write', order.agentId === undefined ? {} : { agentId: order.agentId })
  const createdBy = creatorOf(principal, order)
  if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(order.slug))
    throw deploymentsErrors.SLUG_INVALID({ slug: order.slug.slice(0, 60) })
  const source = packSource(checkSource(order.sourceFiles))
  // Somebody else's upload may take the number that we chose: then the next one is tried.
  for (let tries = 0; tries < 5; tries += 1) {
    const agent = await findAgent(deps, principal, order)
    const owner = agent ?? { id: newCuid(), createdBy, accountId: principal.accountId, slug: order.slug }
    const [next] = await deps.db.query(NEXT_VERSION, [owner.id])
    const upload: Upload = {
      order,
      principal,
      createdBy,
      agent: owner,
      isNew: agent === null,
      version: next?.version ?? 1,
      deploymentId: newCuid(),
      sourceUrl: '',
    }
    // Before the transaction, because nothing leaves the process inside one. Left over if we die here: a file that
    // nothing names.
    const sourceUrl = agentFileKey(owner.createdBy, owner.id, upload.version, `source-${source.sha256}.json`)
    await deps.store.put(sourceUrl, source.bytes, { contentType: 'application/json', sha256: source.sha256 })
    if (await insertDeployment(deps, { ...upload, sourceUrl }))
      return { deploymentId: upload.deploymentId, agentId: owner.id, version: upload.version }
  }
  throw deploymentsErrors.DEPLOYMENT_BUSY()
}

type Upload = {
  readonly order: DeployOrder
  readonly principal: Principal
  readonly createdBy: string
  readonly agent: AgentOwner
  readonly isNew: boolean
  readonly version: number
  readonly deploymentId: string
  readonly sourceUrl: string
}

/** The person in whose folder the code stands. */
function creatorOf(principal: Principal, order: DeployOrder): string {
  const createdBy = principal.kind === 'system' ? order.createdBy : principal.userId
  if (createdBy === undefined || createdBy === null) throw new Error('a deployment needs a person as its creator')
  return createdBy
}

async function findAgent(deps: DeploymentDeps, principal: Principal, order: DeployOrder): Promise<AgentOwner | null> {
  if (order.agentId === undefined) {
    const [own] = await deps.db.query(FIND_AGENT_BY_SLUG, [principal.accountId, order.slug])
    if (own !== undefined) authorize(principal, 'agents.write', { agentId: own.id, ownerAccountId: own.accountId })
    return own ?? null
  }
  const [agent] = await deps.db.query(FIND_AGENT_BY_ID, [order.agentId])
  if (agent === undefined || !isVisible({ ...agent, visibility: 'private' }, principal))
    throw agentsErrors.AGENT_NOT_FOUND({ agentId: order.agentId })
  authorize(principal, 'agents.write', { agentId: agent.id, ownerAccountId: agent.accountId })
  return agent
}

/** @returns false if another upload took the slug or the version first; nothing is left then */
async function insertDeployment(deps: DeploymentDeps, upload: Upload): Promise<boolean> {
  const { order, agent, principal, version, deploymentId } = upload
  try {
    await deps.db.transaction(async (tx) => {
      const name = order.name ?? order.slug
      if (upload.isNew) {
        const visibility = order.visibility ?? 'private'
        const made = await tx.execute(INSERT_AGENT, [
          agent.id,
          name,
          agent.createdBy,
          agent.accountId,
          agent.slug,
          visibility,
        ])
        if (made === 0) throw new TakenError()
      } else if (order.visibility !== undefined) await tx.execute(SET_VISIBILITY, [agent.id, order.visibility])
      const inserted = await tx.execute(INSERT_DEPLOYMENT, [
        deploymentId,
        agent.id,
        version,
        upload.sourceUrl,
        upload.createdBy,
      ])
      if (inserted === 0) throw new TakenError()
      await recordAudit(tx, {
        actor: principal.id,
        accountId: agent.accountId,
        action: 'agent.version_uploaded',
        subject: `agent:${agent.id}`,
        details: { version, deploymentId },
      })
      await agentDeployment.enqueue(
        { jobs: deps.jobs, tx },
        { deploymentId, trusted: principal.isAdmin, name },
        { once: deploymentId },
      )
    })
    return true
  } catch (error) {
    if (error instanceof TakenError) return false
    throw error
  }
}

/** Rolls the transaction back; never leaves this file. */
class TakenError extends Error {}
