import 'server-only'
import { getAgent } from './catalogue-api.ts'
import { isRecord } from './is-record.ts'
import { admittedRun, withView, type LiveRun } from './live-run.ts'
import type { Answer } from './problem.ts'
import type { RunsQuery } from './runs-query.ts'
import { serverRead } from './server-read.ts'

export type ListedRun = LiveRun & { readonly agentName: string; readonly createdAt: string }

/** A page of the account's runs, each with its agent's name. */
export async function listRuns(
  query: RunsQuery,
): Promise<Answer<{ readonly items: readonly ListedRun[]; readonly nextCursor: string | null }>> {
  const answer = await serverRead('/api/runs', {
    limit: 50,
    status: query.status ?? undefined,
    agent: query.agent ?? undefined,
    cursor: query.cursor ?? undefined,
  })
  if (!answer.ok) return answer
  const page = isRecord(answer.data) ? answer.data : {}
  const views: unknown[] = Array.isArray(page['items']) ? page['items'] : []
  const runs = views.flatMap((view) => {
    const run = liveRunOf(view)
    return run === null ? [] : [run]
  })
  const ids = [...new Set(runs.map((run) => run.agentId))]
  const names = new Map(
    await Promise.all(ids.map(async (id) => [id, (await getAgent(id))?.name ?? 'An agent that is gone'] as const)),
  )
  return {
    ok: true,
    data: {
      items: runs.map((run) => ({
        ...run,
        agentName: names.get(run.agentId) ?? run.agentId,
        createdAt: new Date(run.createdAtMs).toISOString(),
      })),
      nextCursor: typeof page['nextCursor'] === 'string' ? page['nextCursor'] : null,
    },
  }
}

/** A run as the API shows it, as the page holds it. */
function liveRunOf(view: unknown): LiveRun | null {
  if (!isRecord(view)) return null
  const { runId, agentId } = view
  if (typeof runId !== 'string' || typeof agentId !== 'string') return null
  return withView(admittedRun({ runId, agentId, version: null, status: 'running', waiting: null, nowMs: 0 }), view)
}

export async function getRun(id: string): Promise<Answer<{ readonly run: LiveRun; readonly input: unknown } | null>> {
  const answer = await serverRead(`/api/runs/${encodeURIComponent(id)}`)
  if (!answer.ok) return answer
  const run = liveRunOf(answer.data)
  return {
    ok: true,
    data: run === null ? null : { run, input: isRecord(answer.data) ? answer.data['input'] : undefined },
  }
}
