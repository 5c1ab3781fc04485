import { decodeBlob } from '../platform/blob.ts'
import type { Database } from '../platform/database.ts'
import { authorize, type Principal } from '../users/index.ts'
import { getRunRow } from './get-run-row.ts'
import { restoreInput, type RestoreInputDeps } from './restore-input.ts'
import { runAgent, type RunAgentDeps, type RunAnswer, type RunOrder } from './run-agent.ts'
import { runsErrors } from './runs.errors.ts'

export type RunAgainDeps = {
  readonly db: Database
  readonly runAgent: RunAgentDeps
  readonly restore: RestoreInputDeps
}

/** Runs what an earlier run ran, with its input, as a run of its own: new credits, new key.
 * @param version `same` pins the version that the earlier run had; `current` takes the one that is active now
 * @throws RUN_NOT_FOUND, RUN_INPUT_GONE, and whatever a run may be refused for */
export async function runAgain(
  deps: RunAgainDeps,
  caller: Principal,
  runId: string,
  version: 'same' | 'current',
  order: Omit<RunOrder, 'agentId' | 'pinnedVersion' | 'receive'>,
): Promise<RunAnswer> {
  authorize(caller, 'runs.create')
  const row = await getRunRow(deps, caller, runId)
  return runAgent(deps.runAgent, caller, {
    ...order,
    agentId: row.agentId,
    pinnedVersion: version === 'same' ? row.version : null,
    async receive() {
      const restored = row.input === null ? null : await restoreInput(deps.restore, caller.accountId, row.input)
      if (row.input === null || restored === null) throw runsErrors.RUN_INPUT_GONE()
      // The files stay where they are: they belong to the earlier run as well.
      return { ...restored, fingerprintBody: decodeBlob(row.input), discard: async () => {} }
    },
  })
}
