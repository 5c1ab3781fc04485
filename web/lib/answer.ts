import { offline, readProblem, type Answer } from './problem.ts'

/** What openapi-fetch gives for a call. */
type Fetched<T> = { readonly data?: T; readonly error?: unknown; readonly response: Response }

/** Makes a call of the typed client into its data or its problem; nothing is thrown for what can go wrong on a network.
 * `const answer = await ask(api.GET('/api/me'))` */
export async function ask<T>(call: Promise<Fetched<T>>): Promise<Answer<T>> {
  let fetched: Fetched<T>
  try {
    fetched = await call
  } catch (error) {
    // `fetch` rejects with a TypeError when there was no answer; anything else is a fault of ours.
    if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError'))
      return { ok: false, problem: offline }
    throw error
  }
  const { data, error, response } = fetched
  if (!response.ok) return { ok: false, problem: readProblem(error, response) }
  return { ok: true, data: given(data) }
}

/** 204 and the like carry nothing, and their type says so. */
function given<T>(data: T | undefined): T
function given(data: unknown): unknown {
  return data
}
