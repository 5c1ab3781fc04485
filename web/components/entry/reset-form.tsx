'use client'
import { api, ask } from '../../lib/api.ts'
import { MIN_PASSWORD_LENGTH, newPasswordFault, present } from '../../lib/form-faults.ts'
import { FormNotice } from '../ui/form-notice.tsx'
import { LinkButton } from '../ui/link-button.tsx'
import ui from '../ui/ui.module.css'
import { useForm } from '../ui/use-form.ts'
import { Button } from '../ui/button.tsx'
import { PasswordInput } from '../ui/password-input.tsx'

/** Sets a new password by the link of the mail. */
export function ResetForm({ token }: { readonly token: string }) {
  const form = useForm({
    names: ['password'],
    isForVisitors: true,
    check: (value) => present({ password: newPasswordFault(value('password')) }),
    send: async (value) => {
      const answer = await ask(api.POST('/api/users/password', { body: { token, password: value('password') } }))
      if (!answer.ok) return answer.problem
      window.location.assign('/sign-in?done=reset')
      return null
    },
  })
  const { problem } = form
  const isOver = problem !== null && ['LINK_USED', 'LINK_EXPIRED', 'LINK_INVALID'].includes(problem.code)
  return (
    <form {...form.props} className={ui.form}>
      <PasswordInput
        name="password"
        label="New password"
        description={`At least ${MIN_PASSWORD_LENGTH} characters. A few words that belong to nobody else do well.`}
        autoComplete="new-password"
        maxLength={200}
        error={form.faults['password']}
        required
        withAsterisk={false}
      />
      <FormNotice problem={problem} />
      {isOver ? (
        <LinkButton href="/forgot">Ask for a new link</LinkButton>
      ) : (
        <Button type="submit" size="md" loading={form.isBusy} fullWidth>
          Set the password
        </Button>
      )}
    </form>
  )
}
