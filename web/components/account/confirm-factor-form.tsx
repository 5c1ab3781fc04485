'use client'
import { atField, present } from '../../lib/form-faults.ts'
import type { Problem } from '../../lib/problem.ts'
import { FormNotice } from '../ui/form-notice.tsx'
import ui from '../ui/ui.module.css'
import { useForm } from '../ui/use-form.ts'
import { Button } from '../ui/button.tsx'
import { TextInput } from '../ui/fields.tsx'
import { PasswordInput } from '../ui/password-input.tsx'

type ConfirmFactorFormProps = {
  readonly text: string
  readonly doIt: string
  readonly isDestructive?: boolean
  readonly send: (body: { readonly password: string; readonly code: string }) => Promise<Problem | null>
  readonly onCancel: () => void
}

/** Password and code once more, before the second factor is touched. */
export function ConfirmFactorForm({ text, doIt, isDestructive = false, send, onCancel }: ConfirmFactorFormProps) {
  const form = useForm({
    names: ['password', 'code'],
    check: (value) =>
      present({
        password: value('password') === '' ? 'Enter your password' : undefined,
        code: value('code').trim() === '' ? 'Enter a code of your authenticator, or a recovery code' : undefined,
      }),
    send: async (value) => {
      const problem = await send({ password: value('password'), code: value('code') })
      return problem && atField(atField(problem, 'PASSWORD_WRONG', '/password'), 'CODE_INVALID', '/code')
    },
  })
  return (
    <form {...form.props} className={ui.form}>
      <p style={{ margin: 0 }}>{text}</p>
      <PasswordInput
        name="password"
        label="Password"
        autoComplete="current-password"
        error={form.faults['password']}
        autoFocus
      />
      <TextInput
        name="code"
        label="Code"
        description="Six digits of your authenticator, or a recovery code"
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        error={form.faults['code']}
      />
      <FormNotice problem={form.problem} />
      <div className={ui.buttons}>
        <Button type="submit" loading={form.isBusy} {...(isDestructive && { color: 'red' })}>
          {doIt}
        </Button>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
