'use client'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import type { Problem } from '../../lib/problem.ts'
import { ROLES, type Role } from '../../lib/role-words.ts'
import { leaveIfSignedOut } from '../../lib/signed-out.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { FormNotice } from '../ui/form-notice.tsx'
import { Panel, Row, Rows } from '../ui/panel.tsx'
import { Badge } from '../ui/badge.tsx'
import { NativeSelect } from '../ui/fields.tsx'

type Member = {
  readonly userId: string
  readonly name: string
  readonly email: string
  readonly role: Role
  readonly hasTwoFactor: boolean
}
type MembersPanelProps = {
  readonly accountName: string
  readonly members: readonly Member[]
  readonly ownId: string
  readonly mayManage: boolean
}

export function MembersPanel({ accountName, members, ownId, mayManage }: MembersPanelProps) {
  const router = useRouter()
  const [problem, setProblem] = useState<Problem | null>(null)
  const changeRole = async (id: string, role: Role) => {
    const answer = await ask(api.PATCH('/api/members/{id}', { params: { path: { id } }, body: { role } }))
    if (!answer.ok && leaveIfSignedOut(answer.problem)) return
    setProblem(answer.ok ? null : answer.problem)
    // Also after a refusal: the list shows the role that counts.
    router.refresh()
  }
  const remove = async (id: string) => {
    const answer = await ask(api.DELETE('/api/members/{id}', { params: { path: { id } } }))
    if (!answer.ok) return answer.problem
    // Who left has nothing to see here any more.
    if (id === ownId) window.location.assign('/home')
    else router.refresh()
    return null
  }
  return (
    <Panel title="Members" text={`Who acts for ${accountName}, and as what.`}>
      <FormNotice problem={problem} />
      <Rows>
        {members.map((member) => {
          const isSelf = member.userId === ownId
          return (
            <Row
              key={member.userId}
              title={
                <>
                  {member.name}
                  {isSelf && <Badge>You</Badge>}
                  {member.hasTwoFactor && <Badge color="green">Two-factor</Badge>}
                </>
              }
              note={member.email}
            >
              {mayManage ? (
                <NativeSelect
                  key={member.role}
                  size="sm"
                  aria-label={`Role of ${member.name}`}
                  data={[...ROLES]}
                  defaultValue={member.role}
                  onChange={(event) => {
                    const chosen = ROLES.find((role) => role === event.currentTarget.value)
                    if (chosen !== undefined) void changeRole(member.userId, chosen)
                  }}
                />
              ) : (
                <span>{member.role}</span>
              )}
              {(mayManage || isSelf) && (
                <ConfirmButton
                  label={isSelf ? `Leave ${accountName}` : `Remove ${member.name}`}
                  question={isSelf ? `Leave ${accountName}?` : `Remove ${member.name}?`}
                  consequence={
                    isSelf
                      ? 'You lose its credits, keys, agents and runs from sight. Somebody has to invite you to come back.'
                      : 'They are out within a second. What they published and ran stays with the account.'
                  }
                  doIt={isSelf ? 'Leave' : 'Remove'}
                  onConfirm={() => remove(member.userId)}
                >
                  {isSelf ? 'Leave' : 'Remove'}
                </ConfirmButton>
              )}
            </Row>
          )
        })}
      </Rows>
    </Panel>
  )
}
