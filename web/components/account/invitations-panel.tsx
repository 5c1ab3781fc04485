'use client'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { emailFault, present } from '../../lib/form-faults.ts'
import { ROLE_WORDS, ROLES, type Role } from '../../lib/role-words.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { DoneNotice, FormNotice } from '../ui/form-notice.tsx'
import { LocalTime } from '../ui/local-time.tsx'
import { Panel, Row, Rows } from '../ui/panel.tsx'
import ui from '../ui/ui.module.css'
import { useForm } from '../ui/use-form.ts'
import { Button } from '../ui/button.tsx'
import { NativeSelect, TextInput } from '../ui/fields.tsx'

type Invitation = {
  readonly id: string
  readonly email: string
  readonly role: Role
  readonly invitedBy: string
  readonly expiresAt: string
}
type InvitationsPanelProps = {
  readonly invitations: readonly Invitation[]
  readonly mayManage: boolean
  readonly ownRole: Role
}

export function InvitationsPanel({ invitations, mayManage, ownRole }: InvitationsPanelProps) {
  const router = useRouter()
  const [invited, setInvited] = useState<string | null>(null)
  const form = useForm({
    names: ['email', 'role'],
    check: (value) => present({ email: emailFault(value('email')) }),
    send: async (value) => {
      setInvited(null)
      const email = value('email').trim()
      const role = ROLES.find((one) => one === value('role')) ?? 'developer'
      const answer = await ask(api.POST('/api/invitations', { body: { email, role } }))
      if (!answer.ok) return answer.problem
      setInvited(email)
      form.reset()
      router.refresh()
      return null
    },
  })
  const revoke = async (id: string) => {
    const answer = await ask(api.DELETE('/api/invitations/{id}', { params: { path: { id } } }))
    if (!answer.ok) return answer.problem
    router.refresh()
    return null
  }
  // Only an owner makes owners.
  const roles = ROLES.filter((role) => role !== 'owner' || ownRole === 'owner')
  return (
    <Panel title="Invitations" text="A link by mail; it works once, for seven days, for that address alone.">
      {mayManage && (
        <form {...form.props} className={ui.form} style={{ marginBottom: '1.25rem' }}>
          <TextInput
            name="email"
            type="email"
            label="E-mail address"
            autoComplete="off"
            inputMode="email"
            error={form.faults['email']}
          />
          <NativeSelect
            name="role"
            label="Role"
            size="md"
            defaultValue="developer"
            data={roles.map((role) => ({ value: role, label: `${role}: ${ROLE_WORDS[role]}` }))}
            error={form.faults['role']}
          />
          <FormNotice problem={form.problem} />
          <DoneNotice>{invited === null ? null : `An invitation is on its way to ${invited}.`}</DoneNotice>
          <div className={ui.buttons}>
            <Button type="submit" loading={form.isBusy}>
              Invite
            </Button>
          </div>
        </form>
      )}
      {invitations.length === 0 ? (
        <p className={ui.facts} style={{ margin: 0 }}>
          No invitation is open.
        </p>
      ) : (
        <Rows>
          {invitations.map(({ id, email, role, expiresAt }) => (
            <Row
              key={id}
              title={email}
              note={
                <>
                  As {role}, until <LocalTime at={expiresAt} isDay />
                </>
              }
            >
              {mayManage && (
                <ConfirmButton
                  label={`Take back the invitation of ${email}`}
                  question={`Take back the invitation of ${email}?`}
                  consequence="Its link stops working. You can invite them again."
                  doIt="Take it back"
                  onConfirm={() => revoke(id)}
                >
                  Take back
                </ConfirmButton>
              )}
            </Row>
          ))}
        </Rows>
      )}
    </Panel>
  )
}
