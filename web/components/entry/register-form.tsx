'use client'
import { useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { emailFault, MIN_PASSWORD_LENGTH, newPasswordFault, present } from '../../lib/form-faults.ts'
import { keepNext } from '../../lib/keep-next.ts'
import { FormNotice } from '../ui/form-notice.tsx'
import ui from '../ui/ui.module.css'
import { useForm } from '../ui/use-form.ts'
import { Button } from '../ui/button.tsx'
import { TextInput } from '../ui/fields.tsx'
import { PasswordInput } from '../ui/password-input.tsx'
import { MailSent } from './mail-sent.tsx'

/** Registers: nobody exists before the link in the mail is used, so the last thing this shows is where to look. */
export function RegisterForm({ next, email }: { readonly next: string; readonly email: string }) {
  const [sentTo, setSentTo] = useState<string | null>(null)
  const form = useForm({
    names: ['name', 'email', 'password'],
    isForVisitors: true,
    check: (value) =>
      present({
        name: value('name').trim() === '' ? 'Enter a name; others see it' : undefined,
        email: emailFault(value('email')),
        password: newPasswordFault(value('password')),
      }),
    send: async (value) => {
      const body = { name: value('name').trim(), email: value('email').trim(), password: value('password') }
      const answer = await ask(api.POST('/api/users', { body }))
      if (!answer.ok) return answer.problem
      keepNext(next)
      setSentTo(body.email)
      return null
    },
  })
  if (sentTo !== null) {
    return (
      <MailSent
        email={sentTo}
        text="Use the link in it, within 24 hours, to begin. Nothing there? Look in the spam folder."
        again={() => ask(api.POST('/api/users/verification-mail', { body: { email: sentTo } }))}
        onBack={() => setSentTo(null)}
      />
    )
  }
  return (
    <form {...form.props} className={ui.form}>
      <TextInput
        name="name"
        label="Name"
        autoComplete="name"
        maxLength={100}
        error={form.faults['name']}
        required
        withAsterisk={false}
      />
      <TextInput
        name="email"
        type="email"
        label="E-mail address"
        autoComplete="username"
        inputMode="email"
        autoCapitalize="none"
        spellCheck={false}
        defaultValue={email}
        error={form.faults['email']}
        required
        withAsterisk={false}
      />
      <PasswordInput
        name="password"
        label="Password"
        description={`At least ${MIN_PASSWORD_LENGTH} characters. A few words that belong to nobody else do well.`}
        autoComplete="new-password"
        maxLength={200}
        error={form.faults['password']}
        required
        withAsterisk={false}
      />
      <FormNotice problem={form.problem} />
      <Button type="submit" size="md" loading={form.isBusy} fullWidth>
        Make an account
      </Button>
    </form>
  )
}
