'use client'
import { useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { present } from '../../lib/form-faults.ts'
import type { Problem } from '../../lib/problem.ts'
import type { Role } from '../../lib/role-words.ts'
import { leaveIfSignedOut } from '../../lib/signed-out.ts'
import { FormNotice } from '../ui/form-notice.tsx'
import { Panel, Row, Rows } from '../ui/panel.tsx'
import ui from '../ui/ui.module.css'
import { useForm } from '../ui/use-form.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { TextInput } from '../ui/fields.tsx'

type Account = {
  readonly id: string
  readonly name: string
  readonly kind: 'personal' | 'team' | 'platform'
  readonly role: Role
  readonly isCurrent: boolean
}
const KINDS = { personal: 'Your own', team: 'Team', platform: 'This site' } as const

/** The accounts one belongs to: act for another, or make one for a team. */
export function TeamsPanel({ accounts }: { readonly accounts: readonly Account[] }) {
  const [isMaking, setMaking] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const form = useForm({
    names: ['teamName'],
    check: (value) => present({ teamName: value('teamName').trim() === '' ? 'Enter a name for the team' : undefined }),
    send: async (value) => {
      const made = await ask(api.POST('/api/accounts', { body: { name: value('teamName').trim() } }))
      if (!made.ok)
        return { ...made.problem, fields: made.problem.fields.map((field) => ({ ...field, path: '/teamName' })) }
      return actFor(made.data.id)
    },
  })
  const switchTo = async (id: string) => {
    const failed = await actFor(id)
    if (failed !== null && !leaveIfSignedOut(failed)) setProblem(failed)
  }
  return (
    <Panel
      title="Your accounts"
      text="Each has its own credits, keys, agents and runs. You act for one at a time."
      action={
        !isMaking && (
          <Button variant="default" size="sm" onClick={() => setMaking(true)}>
            Make a team
          </Button>
        )
      }
    >
      {isMaking && (
        <form {...form.props} className={ui.form} style={{ marginBottom: '1.25rem' }}>
          <TextInput
            name="teamName"
            label="Name of the team"
            maxLength={100}
            autoComplete="organization"
            error={form.faults['teamName']}
            autoFocus
          />
          <FormNotice problem={form.problem} />
          <div className={ui.buttons}>
            <Button type="submit" loading={form.isBusy}>
              Make it
            </Button>
            <Button variant="default" onClick={() => setMaking(false)}>
              Cancel
            </Button>
          </div>
        </form>
      )}
      <FormNotice problem={problem} />
      <Rows>
        {accounts.map(({ id, name, kind, role, isCurrent }) => (
          <Row key={id} title={name} note={`${KINDS[kind]}, you are ${role}`}>
            {isCurrent ? (
              <Badge>Current</Badge>
            ) : (
              <Button variant="default" size="sm" onClick={() => void switchTo(id)} aria-label={`Switch to ${name}`}>
                Switch
              </Button>
            )}
          </Row>
        ))}
      </Rows>
    </Panel>
  )
}

/** What is on the page belongs to the account before, so the page begins anew. */
async function actFor(accountId: string): Promise<Problem | null> {
  const answer = await ask(api.PUT('/api/sessions/current/account', { body: { accountId } }))
  if (!answer.ok) return answer.problem
  window.location.assign('/account')
  return null
}
