import type { Principal } from '../users/index.ts'
import { deployAgent, type DeploymentDeps } from './deploy-agent.ts'
import { deploymentsErrors } from './deployments.errors.ts'
import { FIND_AGENT_BY_SLUG, FIND_NEWEST_DEPLOYMENT, type DeploymentRow } from './deployments.queries.ts'
import { awaitDeployment } from './find-deployment.ts'
import { packSource, readSourceFolder } from './source-files.ts'

const PUBLISH_TIMEOUT_MS = 120_000

export type ExampleOrder = {
  readonly slug: string
  /** Where the example's source stands. */
  readonly folder: string
  /** The person it is published as, where the principal is the site itself. */
  readonly createdBy?: string
  /** Told of each step as it begins. */
  readonly onStep?: (step: string) => void
  /** Ends the wait; two minutes by default. */
  readonly signal?: AbortSignal
}

export type PublishedExample = { readonly agentId: string; readonly version: number; readonly isNew: boolean }

/** Publishes an example of ours as any creator would, by the deployment job, and waits until it is live. An example that
 * is live with the same source is left alone, one that is on its way (the last start was killed) is waited for, and a
 * changed one becomes a new version.
 * @param principal an admin, or the site itself, acting for the account it is published under
 * @throws DEPLOYMENT_INTERRUPTED with the code of a deployment that failed */
export async function publishExample(
  deps: DeploymentDeps,
  principal: Principal,
  order: ExampleOrder,
): Promise<PublishedExample> {
  const { slug, createdBy } = order
  const sourceFiles = await readSourceFolder(order.folder)
  const newest = await findNewest(deps, principal, slug)
  const isSame = newest?.sourceUrl.endsWith(`source-${packSource(sourceFiles).sha256}.json`) ?? false
  if (newest !== null && isSame && newest.status === 'active')
    return { agentId: newest.agentId, version: newest.version, isNew: false }
  const isGoing = newest !== null && isSame && ['pending', 'building', 'testing'].includes(newest.status)
  const going = isGoing
    ? { deploymentId: newest.id, agentId: newest.agentId, version: newest.version }
    : await deployAgent(deps, principal, {
        slug,
        sourceFiles,
        visibility: 'public',
        ...(createdBy === undefined ? {} : { createdBy }),
      })
  const signal = order.signal ?? AbortSignal.timeout(PUBLISH_TIMEOUT_MS)
  const ended = await awaitDeployment(deps, principal, going.deploymentId, {
    signal,
    ...(order.onStep ? { onStep: order.onStep } : {}),
  })
  if (ended.status !== 'active')
    throw deploymentsErrors.DEPLOYMENT_INTERRUPTED({
      slug,
      status: ended.status,
      code: ended.code,
      message: ended.message,
    })
  return { agentId: going.agentId, version: going.version, isNew: true }
}

/** Is this example live with the source that stands in the folder? */
export async function isExampleLive(deps: DeploymentDeps, principal: Principal, order: ExampleOrder): Promise<boolean> {
  const newest = await findNewest(deps, principal, order.slug)
  if (newest?.status !== 'active') return false
  return newest.sourceUrl.endsWith(`source-${packSource(await readSourceFolder(order.folder)).sha256}.json`)
}

async function findNewest(deps: DeploymentDeps, principal: Principal, slug: string): Promise<DeploymentRow | null> {
  const [agent] = await deps.db.query(FIND_AGENT_BY_SLUG, [principal.accountId, slug])
  if (agent === undefined) return null
  const [newest] = await deps.db.query(FIND_NEWEST_DEPLOYMENT, [agent.id])
  return newest ?? null
}
