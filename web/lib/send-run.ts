import { csrf } from './api.ts'
import { isRecord } from './is-record.ts'
import { runProblemOf, type RunProblem } from './run-problem.ts'
import type { RunStatus, Waiting } from './run-words.ts'

export type RunOrder = {
  readonly agentId: string
  /** The input as it was typed: sent as this text, so that no number in it changes. */
  readonly inputJson: string
  readonly version: number | null
  readonly maxCharge: string | null
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
  try {
    return await post(order)
  } catch {
    try {
      return await post(order)
    } catch {
      return { ok: false, problem: runProblemOf(null, 0) }
    }
  }
}

async function post(order: RunOrder): Promise<SentRun> {
  const query = order.version === null ? '' : `?version=${order.version}`
  const answer = await fetch(`/api/agents/${encodeURIComponent(order.agentId)}/run${query}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': order.idempotencyKey,
      prefer: 'respond-async',
      'x-csrf-token': await csrf(),
      ...(order.maxCharge === null ? {} : { 'bureau-max-charge': order.maxCharge }),
    },
    body: order.inputJson,
  })
  const body: unknown = await answer.json().catch(() => null)
  const runId = isRecord(body) ? body['runId'] : undefined
  if (!isRecord(body) || typeof runId !== 'string') return { ok: false, problem: runProblemOf(body, answer.status) }
  if (answer.status === 202) {
    const status: RunStatus = body['status'] === 'queued' ? 'queued' : 'running'
    return { ok: true, admitted: { runId, status, waiting: null }, view: body }
  }
  // It ended before the answer: whole, failures included, as its row has it.
  return { ok: true, admitted: { runId, status: 'running', waiting: null }, view: endedView(body) }
}

/** A failed run answers as a problem whose `status` is HTTP's and whose run is beside it. */
function endedView(body: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { detail, issues, runStatus, status } = body
  return {
    ...body,
    status: runStatus ?? status,
    ...(typeof detail === 'string' ? { failure: { message: detail, issues: issues ?? [] } } : {}),
  }
}
