import { STATUS_CODES } from 'node:http'
import type { EnhancedAppError } from '../platform/errors.ts'

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** RFC 9457 problem details of a coded error, as the text that is sent. Details come first, so that none of them can
 * stand in for a member that clients rely on. */
export function problemText(error: EnhancedAppError, requestId: string): string {
  return JSON.stringify(
    {
      ...error.details,
      type: `/docs/errors#${error.code}`,
      title: error.spec.title,
      status: error.status,
      code: error.code,
      fix: error.fix,
      retry: error.retry,
      requestId,
    },
    // Amounts are bigint; JSON has no such number.
    (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
  )
}

/** Headers that belong to a coded error beside its body. */
export function problemHeaders(error: EnhancedAppError): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' }
  const seconds = error.details['retryAfterSeconds']
  if (typeof seconds === 'number') headers['retry-after'] = String(Math.max(1, Math.ceil(seconds)))
  if (error.status === 401) headers['www-authenticate'] = 'Bearer'
  return headers
}

/** A whole HTTP/1.1 answer, for the moments when there is no request to answer through (a header that does not parse). */
export function rawProblem(error: EnhancedAppError, requestId: string): string {
  const body = problemText(error, requestId)
  const headers = { ...problemHeaders(error), 'x-request-id': requestId, connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const length = Buffer.byteLength(body)
  return `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}\r\n${lines.join('')}content-length: ${length}\r\n\r\n${body}`
}
