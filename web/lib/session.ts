import 'server-only'
import { redirect } from 'next/navigation'
import { cache } from 'react'
import type { paths } from './api-schema.d.ts'
import { signInPath } from './next-path.ts'
import { ask, serverApi } from './server-api.ts'
import { isSignedOut } from './signed-out.ts'

export type Me = paths['/api/me']['get']['responses'][200]['content']['application/json']

/** Who is signed in, or null. Asked once for each request, however many components want to know.
 * @throws Error when that cannot be told: a page that cannot know must not say "signed out" */
export const currentPerson = cache(async (): Promise<Me | null> => {
  const answer = await ask((await serverApi()).GET('/api/me'))
  if (answer.ok) return answer.data
  if (isSignedOut(answer.problem)) return null
  throw new Error(`${answer.problem.code} ${answer.problem.requestId ?? ''}`)
})

/** Who is signed in; everybody else goes to sign in and comes back to `path`. */
export async function requirePerson(path: string): Promise<Me> {
  return (await currentPerson()) ?? redirect(signInPath(path))
}
