import { isRecord } from './is-record.ts'

/** A refusal or failure as the API words it (RFC 9457), read from whatever came back. */
export type RunProblem = {
  readonly code: string
  readonly title: string
  readonly fix: string
  readonly retry: 'never' | 'later' | 'now'
  readonly status: number
  readonly detail: string | null
  readonly requestId: string | null
  readonly runId: string | null
  readonly issues: readonly FieldIssue[]
  readonly retryAfterSeconds: number | null
  /** What is missing where credits are. */
  readonly needed: string | null
  readonly available: string | null
}

export type FieldIssue = { readonly path: string; readonly message: string }

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)

/** @param status of the answer, 0 where none came */
export function runProblemOf(body: unknown, status: number): RunProblem {
  const given = isRecord(body) ? body : {}
  const retry = given['retry']
  const seconds = given['retryAfterSeconds']
  return {
    code: text(given['code']) ?? (status === 0 ? 'OFFLINE' : 'INTERNAL'),
    title: text(given['title']) ?? (status === 0 ? 'This site cannot be reached' : 'Something went wrong on this site'),
    fix:
      text(given['fix']) ??
      (status === 0 ? 'Check your connection, then try again.' : 'Try again. If it goes on, tell the operator.'),
    retry: retry === 'never' || retry === 'now' ? retry : 'later',
    status,
    detail: text(given['detail']) ?? text(given['message']),
    requestId: text(given['requestId']),
    runId: text(given['runId']),
    issues: issuesOf(given['issues'] ?? given['fields'] ?? given['problems']),
    retryAfterSeconds: typeof seconds === 'number' ? seconds : null,
    needed: text(given['needed']),
    available: text(given['available']),
  }
}

function issuesOf(value: unknown): FieldIssue[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((each: unknown) => {
    if (!isRecord(each)) return []
    const message = text(each['message'])
    return message === null ? [] : [{ path: text(each['path']) ?? '/', message }]
  })
}
