import { csrf } from './api.ts'
import { runProblemOf, type RunProblem } from './run-problem.ts'

export type CallAnswer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly problem: RunProblem }

/** A write of this site's own pages whose answer is read as it comes, by live-run.ts. */
export async function write(method: 'POST' | 'PUT', path: string, body?: unknown): Promise<CallAnswer> {
  try {
    const answer = await fetch(path, {
      method,
      headers: {
        'x-csrf-token': await csrf(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const said: unknown = answer.status === 204 ? null : await answer.json().catch(() => null)
    return answer.ok ? { ok: true, body: said } : { ok: false, problem: runProblemOf(said, answer.status) }
  } catch {
    return { ok: false, problem: runProblemOf(null, 0) }
  }
}
