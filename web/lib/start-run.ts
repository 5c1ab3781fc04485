import { api, ask } from './api.ts'
import { admittedRun, withHold, withView, type LiveRun } from './live-run.ts'
import type { RunProblem } from './run-problem.ts'
import { sendRun, type RunOrder } from './send-run.ts'
import type { RunWatcher } from './watch-run.ts'

export type StartedRun =
  | { readonly ok: false; readonly problem: RunProblem }
  | { readonly ok: true; readonly run: LiveRun }

/** Sends a run. @returns it as it was admitted, or with its end where that came at once */
export async function startRun(order: RunOrder): Promise<StartedRun> {
  const sent = await sendRun(order)
  if (!sent.ok) return sent
  const admitted = admittedRun({ ...sent.admitted, agentId: order.agentId, version: null, nowMs: Date.now() })
  return { ok: true, run: sent.view === null ? admitted : withView(admitted, sent.view) }
}

/** Reads what an admission does not say: how much was set aside. */
export async function readHold(runId: string, update: RunWatcher['update']): Promise<void> {
  const answer = await ask(api.GET('/api/runs/{id}', { params: { path: { id: runId } } }))
  if (answer.ok) update((held) => withHold(held, answer.data), runId)
}

/** @returns false where there was nothing to stop: it was over before, and its own end is on its way by the stream */
export async function stopRun(runId: string, update: RunWatcher['update']): Promise<boolean> {
  const answer = await ask(api.POST('/api/runs/{id}/cancel', { params: { path: { id: runId } } }))
  if (answer.ok) update((held) => withView(held, answer.data), runId)
  return answer.ok
}
