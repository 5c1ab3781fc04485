import { api, ask } from './api.ts'
import type { Problem } from './problem.ts'
import { runProblemOf, type RunProblem } from './run-problem.ts'
import type { RunStatus, Waiting } from './run-words.ts'

export type RunOrder = {
  readonly agentId: string
  /** The input as it was typed: sent as this text, so that no number in it changes. */
  readonly inputJson: string
  readonly version: number | null
  readonly maxCharge: string | null
  /** The terms that are agreed to by this run; null where nothing is asked. */
  readonly consentHash: string | null
  readonly idempotencyKey: string
}

export type SentRun =
  | { readonly ok: false; readonly problem: RunProblem }
  | {
      readonly ok: true
      readonly admitted: { readonly runId: string; readonly status: RunStatus; readonly waiting: Waiting | null }
      /** The run's answer where it was over at once. */
      readonly view: unknown
    }

/** Sends a run without waiting for its end: the answer is its address. A connection that broke is tried once more under
 * the same key, which starts nothing twice. */
export async function sendRun(order: RunOrder): Promise<SentRun> {
  const sent = await post(order)
  return !sent.ok && sent.problem.status === 0 ? post(order) : sent
}

async function post({
  agentId,
  inputJson,
  version,
  maxCharge,
  consentHash,
  idempotencyKey,
}: RunOrder): Promise<SentRun> {
  const answer = await ask(
    api.POST('/api/agents/{id}/run', {
      params: { path: { id: agentId }, query: version === null ? {} : { version } },
      headers: {
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
        prefer: 'respond-async',
        ...(maxCharge === null ? {} : { 'bureau-max-charge': maxCharge }),
        ...(consentHash === null ? {} : { 'bureau-consent': consentHash }),
      },
      body: inputJson,
      bodySerializer: (text) => text,
    }),
  )
  if (!answer.ok) return endedOf(answer.problem)
  const { data } = answer
  if ('waiting' in data) return { ok: true, admitted: data, view: data }
  return { ok: true, admitted: { runId: data.runId, status: 'running', waiting: null }, view: data }
}

/** A refusal; or a run that failed before the answer, which is a problem whose `status` is HTTP's, with its run beside. */
function endedOf({ facts, status }: Problem): SentRun {
  const { runId, detail, issues, runStatus } = facts
  if (typeof runId !== 'string') return { ok: false, problem: runProblemOf(facts, status) }
  const view = {
    ...facts,
    status: runStatus ?? facts['status'],
    ...(typeof detail === 'string' ? { failure: { message: detail, issues: issues ?? [] } } : {}),
  }
  return { ok: true, admitted: { runId, status: 'running', waiting: null }, view }
}
