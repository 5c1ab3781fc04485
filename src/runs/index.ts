export { createRunEvents } from './events/record-events.ts'
export { createRunWatch, type RunWatch } from './events/watch-runs.ts'
export { createRunCancels } from './run-cancels.ts'
export { createRunDispatcher } from './dispatch-runs.ts'
export { createRunRooms } from './events/run-rooms.ts'
export { createStreamLimits } from './events/stream-limits.ts'
export { removeLeftParts } from './uploads/resumable/resume-upload.ts'
export { createFindWaiting } from './find-waiting.ts'
export { awaitRun } from './await-run.ts'
export {
  createRunLedger,
  type Admission,
  type AdmitOrder,
  type RunLedger,
  type Settlement,
  type SettleOrder,
} from './run-ledger.ts'
export { createRunNetwork, type RunNetwork } from './run-network.ts'
export { nextRunState } from './run-state.ts'
export { reapRuns } from './reap-runs.ts'
export { reapRunsJob } from './runs.jobs.ts'
export { createKeyCaps } from './key-caps.ts'
export type { SettledRun } from './execute-and-settle.ts'
export { expireRunContent, type Expired } from './retention/expire-run-content.ts'
export { retentionOptions } from './retention/retention.options.ts'
export { runAgent, type RunAgentDeps, type RunOrder } from './run-agent.ts'
export { runFailures, runsErrors } from './runs.errors.ts'
export { runsOptions } from './runs.options.ts'
export { runsRoutes } from './runs.routes.ts'
export { createTrials, type Trials } from './trials/trials.ts'
export { DELETE_OLD_TRIALS } from './trials/trials.queries.ts'
export { trialsOptions } from './trials/trials.options.ts'
