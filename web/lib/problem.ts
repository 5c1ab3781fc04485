/** A failure as the API says it. `fix` is what to do; `requestId` finds it in the log. */
export type Problem = {
  readonly code: string
  readonly title: string
  readonly fix: string
  readonly requestId: string | null
  readonly status: number
  /** Whether the same request may be sent again, and when. */
  readonly retry: 'never' | 'later' | 'now'
  /** What is wrong with which field of a form. `path` is a JSON pointer, such as `/email`. */
  readonly fields: readonly { readonly path: string; readonly message: string }[]
  /** Everything else that the problem says, such as `retryAfterSeconds`. */
  readonly facts: Readonly<Record<string, unknown>>
}

export type Answer<T> = { readonly ok: true; readonly data: T } | { readonly ok: false; readonly problem: Problem }

/** The request never reached the API, or its answer never came. */
export const offline: Problem = {
  code: 'OFFLINE',
  title: 'The server cannot be reached',
  fix: 'Check your connection and try again.',
  requestId: null,
  status: 0,
  retry: 'later',
  fields: [],
  facts: {},
}

/** The API speaks to programs, of keys and permissions. */
const FORBIDDEN_HERE = 'Your role in this account does not allow it. Ask an owner or an admin of the account.'

/** What a body of an answer says went wrong. Somebody between us and the API may have answered with anything. */
export function readProblem(body: unknown, response: Pick<Response, 'status' | 'headers'>): Problem {
  const said = isObject(body) ? body : {}
  const requestId = text(said['requestId']) ?? response.headers.get('x-request-id')
  const retry = said['retry']
  const code = text(said['code']) ?? 'UNKNOWN'
  return {
    code,
    title: text(said['title']) ?? 'Something went wrong',
    fix:
      (code === 'FORBIDDEN' ? FORBIDDEN_HERE : text(said['fix'])) ??
      'Try again. If it stays, tell the operator the request id.',
    requestId,
    status: response.status,
    retry: retry === 'now' || retry === 'later' ? retry : 'never',
    fields: Array.isArray(said['fields']) ? said['fields'].flatMap(readField) : [],
    facts: said,
  }
}

function readField(field: unknown): { path: string; message: string }[] {
  if (!isObject(field)) return []
  const path = text(field['path'])
  const message = text(field['message'])
  return path === null || message === null ? [] : [{ path, message }]
}

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
