import 'server-only'
import type { paths } from './api-schema.d.ts'
import { admittedRun, withView, type LiveRun } from './live-run.ts'
import type { Answer } from './problem.ts'
import type { RunsQuery } from './runs-query.ts'
import { ask, serverApi } from './server-api.ts'

export type ListedRun = LiveRun & { readonly agentName: string; readonly createdAt: string }

type RunItem = paths['/api/runs']['get']['responses'][200]['content']['application/json']['items'][number]

/** A page of the account's runs, each with its agent's name. */
export async function listRuns({
  status,
  agent,
  cursor,
}: RunsQuery): Promise<Answer<{ readonly items: readonly ListedRun[]; readonly nextCursor: string | null }>> {
  const query = {
    limit: 50,
    ...(status === null ? {} : { status }),
    ...(agent === null ? {} : { agent }),
    ...(cursor === null ? {} : { cursor }),
  }
  const answer = await ask((await serverApi()).GET('/api/runs', { params: { query } }))
  if (!answer.ok) return answer
  const { items, nextCursor } = answer.data
  return { ok: true, data: { items: items.flatMap(listedRunOf), nextCursor } }
}

function listedRunOf(item: RunItem): ListedRun[] {
  const run = liveRunOf(item)
  if (run === null) return []
  const agentName = item.agent?.name ?? 'An agent that is gone'
  return [{ ...run, agentName, createdAt: new Date(run.createdAtMs).toISOString() }]
}

/** A run as the API shows it, as the page holds it. */
function liveRunOf(view: RunItem): LiveRun | null {
  const { runId, agentId } = view
  if (runId === undefined || agentId === undefined) return null
  // As queued: when it began is what the view says, not when this page was made.
  return withView(admittedRun({ runId, agentId, version: null, status: 'queued', waiting: null, nowMs: 0 }), view)
}

export async function getRun(id: string): Promise<Answer<{ readonly run: LiveRun; readonly input: unknown } | null>> {
  const answer = await ask((await serverApi()).GET('/api/runs/{id}', { params: { path: { id } } }))
  if (!answer.ok) return answer
  const run = liveRunOf(answer.data)
  return { ok: true, data: run === null ? null : { run, input: answer.data.input } }
}
