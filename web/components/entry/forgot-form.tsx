'use client'
import { useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { emailFault, present } from '../../lib/form-faults.ts'
import { FormNotice } from '../ui/form-notice.tsx'
import ui from '../ui/ui.module.css'
import { useForm } from '../ui/use-form.ts'
import { Button } from '../ui/button.tsx'
import { TextInput } from '../ui/fields.tsx'
import { MailSent } from './mail-sent.tsx'

/** Asks for a link to set a new password. What it answers never says whether somebody has the address. */
export function ForgotForm() {
  const [sentTo, setSentTo] = useState<string | null>(null)
  const mail = (email: string) => ask(api.POST('/api/users/password-mail', { body: { email } }))
  const form = useForm({
    names: ['email'],
    isForVisitors: true,
    check: (value) => present({ email: emailFault(value('email')) }),
    send: async (value) => {
      const email = value('email').trim()
      const answer = await mail(email)
      if (!answer.ok) return answer.problem
      setSentTo(email)
      return null
    },
  })
  if (sentTo !== null) {
    return (
      <MailSent
        email={sentTo}
        text="If somebody has this address here, its link is good for an hour."
        again={() => mail(sentTo)}
        onBack={() => setSentTo(null)}
      />
    )
  }
  return (
    <form {...form.props} className={ui.form}>
      <TextInput
        name="email"
        type="email"
        label="E-mail address"
        autoComplete="username"
        inputMode="email"
        autoCapitalize="none"
        spellCheck={false}
        error={form.faults['email']}
        required
        withAsterisk={false}
      />
      <FormNotice problem={form.problem} />
      <Button type="submit" size="md" loading={form.isBusy} fullWidth>
        Send the link
      </Button>
    </form>
  )
}
