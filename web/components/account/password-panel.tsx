'use client'
import { useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { atField, MIN_PASSWORD_LENGTH, newPasswordFault, present } from '../../lib/form-faults.ts'
import { DoneNotice, FormNotice } from '../ui/form-notice.tsx'
import { LinkButton } from '../ui/link-button.tsx'
import { Panel } from '../ui/panel.tsx'
import ui from '../ui/ui.module.css'
import { useForm } from '../ui/use-form.ts'
import { Button } from '../ui/button.tsx'
import { PasswordInput } from '../ui/password-input.tsx'

/** Changes the password; who came by another site has none, and sets one by mail. */
export function PasswordPanel({ hasPassword, email }: { readonly hasPassword: boolean; readonly email: string }) {
  const [isDone, setDone] = useState(false)
  const form = useForm({
    names: ['password', 'newPassword'],
    check: (value) =>
      present({
        password: value('password') === '' ? 'Enter your current password' : undefined,
        newPassword: newPasswordFault(value('newPassword')),
      }),
    send: async (value) => {
      setDone(false)
      const body = { password: value('password'), newPassword: value('newPassword') }
      const answer = await ask(api.PUT('/api/me/password', { body }))
      if (!answer.ok) return atField(answer.problem, 'PASSWORD_WRONG', '/password')
      setDone(true)
      form.reset()
      return null
    },
  })
  if (!hasPassword) {
    return (
      <Panel title="Password" text="You sign in by another site and have no password here.">
        <LinkButton href="/forgot" variant="default">
          Set one by mail
        </LinkButton>
      </Panel>
    )
  }
  return (
    <Panel title="Password" text="Your other devices have to sign in again. API keys go on working.">
      <form {...form.props} className={ui.form}>
        {/* Password managers look for whose password it is. */}
        <input type="text" name="username" autoComplete="username" defaultValue={email} hidden readOnly />
        <PasswordInput
          name="password"
          label="Current password"
          autoComplete="current-password"
          error={form.faults['password']}
        />
        <PasswordInput
          name="newPassword"
          label="New password"
          description={`At least ${MIN_PASSWORD_LENGTH} characters. A few words that belong to nobody else do well.`}
          autoComplete="new-password"
          maxLength={200}
          error={form.faults['newPassword']}
        />
        <FormNotice problem={form.problem} />
        <DoneNotice>{isDone ? 'Your password is changed, and other devices are signed out.' : null}</DoneNotice>
        <div className={ui.buttons}>
          <Button type="submit" variant="default" loading={form.isBusy}>
            Change the password
          </Button>
        </div>
      </form>
    </Panel>
  )
}
