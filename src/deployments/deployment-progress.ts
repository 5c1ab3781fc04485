import { z } from 'zod'
import type { Database, Queryable } from '../platform/database.ts'
import { broadcastDeploymentStatus } from '../realtime/index.ts'
import { nextDeploymentStatus, type DeploymentEvent, type DeploymentStatus } from './deployment-status.ts'
import { SAVE_STEPS, SET_DEPLOYMENT_STATUS, type DeploymentRow } from './deployments.queries.ts'

export const deploymentStep = z.object({
  name: z.string(),
  status: z.enum(['running', 'done', 'failed']),
  startedAt: z.iso.datetime(),
  tookMs: z.number().nullable(),
})
export type DeploymentStep = z.infer<typeof deploymentStep>

/** The deployment was taken from us: stopped by a person, or finished by a second delivery of the job. */
export class DeploymentGoneError extends Error {}

/** Tells the agent's account how its deployment stands now. */
export function tellDeployment(
  db: Queryable,
  row: DeploymentRow,
  now: { readonly status: DeploymentStatus; readonly step?: string; readonly code?: string },
): Promise<void> {
  const { id: deploymentId, agentId, version, accountId } = row
  const { status, step = null, code = null } = now
  return broadcastDeploymentStatus({ db }, { accountId, deploymentId, agentId, version, status, step, code })
}

/** Where a deployment is on its way, stored at each step, so that its creator sees it and a crash shows where it was. */
export type DeploymentProgress = {
  readonly status: DeploymentStatus
  readonly steps: readonly DeploymentStep[]
  /** The steps as they are once the running one is done: for the statement that ends the deployment within it. */
  stepsWhenDone(): DeploymentStep[]
  /** Runs one step between two stored marks. */
  step<T>(name: string, work: () => Promise<T>): Promise<T>
  /** Stores the transition. @throws DeploymentGoneError if somebody else made one meanwhile */
  advance(event: DeploymentEvent): Promise<void>
}

/** @param report told the fraction done and the step's name */
export function trackDeployment(
  deps: { readonly db: Database },
  row: DeploymentRow,
  stepsInAll: number,
  report: (fraction: number, message: string) => void,
): DeploymentProgress {
  let { status } = row
  // A second attempt begins anew: every step can be done twice.
  const steps: DeploymentStep[] = []
  return {
    get status() {
      return status
    },
    steps,
    stepsWhenDone: () => steps.map((step) => (step.status === 'running' ? whenDone(step) : step)),
    async step(name, work) {
      const from = performance.now()
      const index = steps.push({ name, status: 'running', startedAt: new Date().toISOString(), tookMs: null }) - 1
      const mark = async (ended: 'done' | 'failed'): Promise<void> => {
        const begun = steps[index]
        if (begun !== undefined)
          steps[index] = { ...begun, status: ended, tookMs: Math.round(performance.now() - from) }
        await deps.db.execute(SAVE_STEPS, [row.id, JSON.stringify(steps)])
      }
      report(index / stepsInAll, name)
      await deps.db.execute(SAVE_STEPS, [row.id, JSON.stringify(steps)])
      await tellDeployment(deps.db, row, { status, step: name })
      try {
        const result = await work()
        await mark('done')
        return result
      } catch (error) {
        await mark('failed')
        throw error
      }
    },
    async advance(event) {
      const next = nextDeploymentStatus(status, event)
      if (next === null) throw new DeploymentGoneError(`a deployment that is ${status} does not take ${event}`)
      const changed = await deps.db.execute(SET_DEPLOYMENT_STATUS, [row.id, status, next, JSON.stringify(steps)])
      if (changed === 0) throw new DeploymentGoneError(`the deployment is no longer ${status}`)
      status = next
      await tellDeployment(deps.db, row, { status })
    },
  }
}

const whenDone = (step: DeploymentStep): DeploymentStep => ({
  ...step,
  status: 'done',
  tookMs: Date.now() - Date.parse(step.startedAt),
})
