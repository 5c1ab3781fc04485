import type { Logger } from '../platform/logger.ts'
import type { Principal } from '../users/index.ts'
import { deployAgent, type DeployDeps } from './deploy-agent.ts'
import { deploymentsErrors } from './deployments.errors.ts'
import { FIND_AGENT_BY_SLUG, FIND_NEWEST_DEPLOYMENT, type DeploymentRow } from './deployments.queries.ts'
import { awaitDeployment } from './find-deployment.ts'
import { packSource, readSourceFolder } from './source-files.ts'

export type ExampleOrder = {
  readonly slug: string
  /** Folder of the example's source. */
  readonly dir: string
  /** The person it is published as. */
  readonly createdBy: string
  readonly signal: AbortSignal
}

export type PublishedExample = { readonly agentId: string; readonly version: number; readonly isNew: boolean }

/** Publishes an example of ours as any creator would, by the deployment job, and waits until it is live. An example that
 * is live with the same source is left alone, one that is on its way (the last start was killed) is waited for, and a
 * changed one becomes a new version.
 * @param principal a system principal of the account it is published under
 * @throws DEPLOYMENT_INTERRUPTED with the code of a deployment that failed */
export async function publishExample(
  deps: DeployDeps & { readonly log: Logger },
  principal: Principal,
  order: ExampleOrder,
): Promise<PublishedExample> {
  const { slug, createdBy, signal } = order
  const sourceFiles = await readSourceFolder(order.dir)
  const newest = await findNewest(deps, principal, slug)
  const isSame = newest?.sourceUrl.endsWith(`source-${packSource(sourceFiles).sha256}.json`) ?? false
  if (newest !== null && isSame && newest.status === 'active')
    return { agentId: newest.agentId, version: newest.version, isNew: false }
  const isGoing = newest !== null && isSame && ['pending', 'building', 'testing'].includes(newest.status)
  const going = isGoing
    ? { deploymentId: newest.id, agentId: newest.agentId, version: newest.version }
    : await deployAgent(deps, principal, { slug, sourceFiles, visibility: 'public', createdBy })
  deps.log.info({ slug, version: going.version }, 'publishing an example agent')
  const ended = await awaitDeployment(deps, principal, going.deploymentId, signal)
  if (ended.status !== 'active')
    throw deploymentsErrors.DEPLOYMENT_INTERRUPTED({ slug, status: ended.status, code: ended.code, message: ended.message })
  return { agentId: going.agentId, version: going.version, isNew: true }
}

async function findNewest(deps: DeployDeps, principal: Principal, slug: string): Promise<DeploymentRow | null> {
  const [agent] = await deps.db.query(FIND_AGENT_BY_SLUG, [principal.accountId, slug])
  if (agent === undefined) return null
  const [newest] = await deps.db.query(FIND_NEWEST_DEPLOYMENT, [agent.id])
  return newest ?? null
}
