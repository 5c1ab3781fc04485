import type { Database } from '../platform/database.ts'
import { REFRESH_FACTS, ROLL_UP_AGENT_METRICS } from './analytics.queries.ts'

const HOUR_MS = 3_600_000

/** Rolls the runs of the last hours up into `AgentMetrics`, whole hours at a time.
 * @param hours how many hours back, the current one included; two, so that a run that ended late is still counted
 * @returns how many rows were written */
export async function rollUpAgentMetrics(deps: { readonly db: Database }, nowMs: number, hours = 2): Promise<number> {
  const end = (Math.floor(nowMs / HOUR_MS) + 1) * HOUR_MS
  const rows = await deps.db.query(ROLL_UP_AGENT_METRICS, [new Date(end - hours * HOUR_MS), new Date(end)])
  return rows.length
}

/** Agents whose facts only grow old, brought up to date in one go at most. */
const MAX_AGED = 500

/** Brings what the catalogue says of agents (runs, success, typical charge and time) up to date with their metrics.
 * @param hours as many as were rolled up   @returns how many agents changed */
export const refreshAgentFacts = (deps: { readonly db: Database }, nowMs: number, hours = 2): Promise<number> =>
  deps.db.execute(REFRESH_FACTS, [new Date((Math.floor(nowMs / HOUR_MS) + 1 - hours) * HOUR_MS), MAX_AGED])
