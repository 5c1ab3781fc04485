import { setTimeout as pause } from 'node:timers/promises'
import { isVisible } from '../agents/index.ts'
import type { Queryable } from '../platform/database.ts'
import { authorize, type Principal } from '../users/index.ts'
import { deploymentStep, type DeploymentStep } from './deployment-progress.ts'
import type { DeploymentStatus } from './deployment-status.ts'
import { deploymentsErrors } from './deployments.errors.ts'
import { FIND_DEPLOYMENT, type DeploymentRow } from './deployments.queries.ts'

/** A deployment as its creator sees it. */
export type Deployment = {
  readonly id: string
  readonly agentId: string
  readonly version: number
  readonly status: DeploymentStatus
  /** Why it failed, and what to do. */
  readonly code: string | null
  readonly message: string | null
  readonly steps: readonly DeploymentStep[]
  readonly health: unknown
  readonly createdAt: Date
  readonly finishedAt: Date | null
}

/** @throws FORBIDDEN, DEPLOYMENT_NOT_FOUND (also for others' deployments) */
export async function getDeployment(
  deps: { readonly db: Queryable },
  principal: Principal,
  deploymentId: string,
): Promise<Deployment> {
  authorize(principal, 'agents.read')
  const [row] = await deps.db.query(FIND_DEPLOYMENT, [deploymentId])
  if (row === undefined || !isVisible({ ...row, visibility: 'private' }, principal))
    throw deploymentsErrors.DEPLOYMENT_NOT_FOUND({ deploymentId })
  return deploymentOf(row)
}

const open = new Set<DeploymentStatus>(['pending', 'building', 'testing'])

/** Waits until the deployment is no longer on its way, and tells of its steps meanwhile. @throws the signal's reason, DEPLOYMENT_NOT_FOUND, FORBIDDEN */
export async function awaitDeployment(
  deps: { readonly db: Queryable },
  principal: Principal,
  deploymentId: string,
  options: { readonly signal: AbortSignal; readonly onStep?: (step: string) => void },
): Promise<Deployment> {
  let told = 0
  for (let waitMs = 20; ; waitMs = Math.min(waitMs * 2, 250)) {
    const deployment = await getDeployment(deps, principal, deploymentId)
    // A second attempt begins its steps anew: what was told is not told again.
    for (const step of deployment.steps.slice(told)) options.onStep?.(step.name)
    told = Math.max(told, deployment.steps.length)
    if (!open.has(deployment.status)) return deployment
    await pause(waitMs, undefined, { signal: options.signal })
  }
}

function deploymentOf(row: DeploymentRow): Deployment {
  return {
    id: row.id,
    agentId: row.agentId,
    version: row.version,
    status: row.status,
    code: row.code,
    message: row.message,
    steps: deploymentStep.array().parse(row.steps),
    health: row.health,
    createdAt: row.createdAt,
    finishedAt: row.finishedAt,
  }
}
