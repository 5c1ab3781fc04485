import { z } from 'zod'
import { defineJob, exponential } from '../jobs/index.ts'
import type { CarryOutDeps } from './carry-out-deployment.ts'

const payload = z.object({
  deploymentId: z.string(),
  /** The deployer is an admin of the site. Decided when the deployment was asked for, from the session that asked. */
  trusted: z.boolean(),
  /** The agent's name where its code gives none. */
  name: z.string(),
})
export type DeploymentPayload = z.infer<typeof payload>

export const agentDeployment = defineJob<CarryOutDeps, DeploymentPayload>(
  'agent_deployment',
  { payload, attempts: 5, backoff: exponential({ firstMs: 1_000, maxMs: 60_000 }), timeoutMs: 300_000 },
  () => import('./carry-out-deployment.handler.ts'),
)
