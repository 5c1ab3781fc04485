import 'server-only'
import { headers } from 'next/headers'
import createClient from 'openapi-fetch'
import type { paths } from './api-schema.d.ts'
import { apiUrl } from './environment.mjs'
import { visitorHeaders } from './service-credential.ts'

export { ask } from './answer.ts'
export type { Answer, Problem } from './problem.ts'

/** The API, typed, for one request of a server component: as the visitor, by their cookie, and counted under their address.
 * Reading only: what changes something is asked for by the browser itself.
 * `const answer = await ask((await serverApi()).GET('/api/me'))` */
export async function serverApi() {
  const asked = await headers()
  return createClient<paths>({
    baseUrl: apiUrl(),
    headers: { ...visitorHeaders(asked), ...cookie(asked.get('cookie')) },
    cache: 'no-store',
  })
}

const cookie = (value: string | null): Record<string, string> => (value === null ? {} : { cookie: value })
