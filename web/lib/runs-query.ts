import type { SearchParams } from './catalogue-query.ts'
import { STATUS_WORDS, type RunStatus } from './run-words.ts'

/** What the list of runs shows; all of it stands in the address. */
export type RunsQuery = {
  readonly status: RunStatus | null
  readonly agent: string | null
  readonly cursor: string | null
}

const isStatus = (value: string | undefined): value is RunStatus =>
  value !== undefined && Object.hasOwn(STATUS_WORDS, value)

export function readRunsQuery(params: SearchParams): RunsQuery {
  const one = (name: string): string | undefined => {
    const value = params[name]
    return typeof value === 'string' && value !== '' ? value.slice(0, 500) : undefined
  }
  const status = one('status')
  return { status: isStatus(status) ? status : null, agent: one('agent') ?? null, cursor: one('cursor') ?? null }
}

export function runsHref(query: RunsQuery, change: Partial<RunsQuery> = {}): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries({ ...query, ...change })) if (value !== null) params.set(name, value)
  const text = params.toString()
  return text === '' ? '/runs' : `/runs?${text}`
}
