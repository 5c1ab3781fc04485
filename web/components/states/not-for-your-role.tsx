import { Lock } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Problem } from '../../lib/problem.ts'
import { beyondRole, ROLE_WORDS, whomToAsk } from '../../lib/role-words.ts'
import { ask, serverApi } from '../../lib/server-api.ts'
import { currentPerson } from '../../lib/session.ts'
import { LinkButton } from '../ui/link-button.tsx'
import { EmptyState } from './empty-state.tsx'

type NotForYourRoleProps = {
  readonly problem: Pick<Problem, 'facts'>
  readonly children?: ReactNode
}

/** Refused for who asks: what this is, what their role may do, and by name who can change that. */
export async function NotForYourRole({ problem, children }: NotForYourRoleProps) {
  const person = await currentPerson()
  const { permission } = problem.facts
  const text = person === null ? null : await wordsFor(person, typeof permission === 'string' ? permission : '')
  return (
    <EmptyState icon={Lock} title="Not for your role" text={text ?? 'Sign in as somebody who may see this.'}>
      {children ?? (
        <LinkButton href="/account" variant="default">
          Your accounts
        </LinkButton>
      )}
    </EmptyState>
  )
}

type Person = NonNullable<Awaited<ReturnType<typeof currentPerson>>>

async function wordsFor({ account, permissions }: Person, permission: string): Promise<string> {
  if (permission === 'admin') return 'This is for whoever runs the site.'
  const api = await serverApi()
  const members = permissions.includes('members.read')
    ? await ask(api.GET('/api/members', { params: { query: { limit: 100 } } }))
    : null
  const asked = members?.ok === true ? whomToAsk(members.data.items) : whomToAsk([])
  return `You act for ${account.name}, as ${account.role}: you may ${ROLE_WORDS[account.role]} To ${beyondRole(permission)}, ask ${asked} for another role.`
}
