import 'server-only'
import { headers } from 'next/headers'
import { apiUrl } from './environment.mjs'
import { offline, readProblem, type Answer } from './problem.ts'
import { visitorHeaders } from './service-credential.ts'

/** What the API answers at an address, for one request of a server component, as the visitor. The body is read by the
 * tolerant readers of agent-facts.ts and live-run.ts: pages of a site stand while its API is a version ahead or behind.
 * @param params left out where undefined */
export async function serverRead(
  path: string,
  params: Readonly<Record<string, string | number | undefined>> = {},
): Promise<Answer<unknown>> {
  const asked = await headers()
  const cookie = asked.get('cookie')
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) if (value !== undefined) query.set(name, String(value))
  const search = query.toString()
  try {
    const response = await fetch(`${apiUrl()}${path}${search === '' ? '' : `?${search}`}`, {
      headers: { ...visitorHeaders(asked), ...(cookie === null ? {} : { cookie }) },
      cache: 'no-store',
    })
    const body: unknown = await response.json().catch(() => null)
    return response.ok ? { ok: true, data: body } : { ok: false, problem: readProblem(body, response) }
  } catch (error) {
    if (error instanceof TypeError) return { ok: false, problem: offline }
    throw error
  }
}
