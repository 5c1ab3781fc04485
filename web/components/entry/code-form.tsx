'use client'
import { useState } from 'react'
import type { Problem } from '../../lib/problem.ts'
import { FormNotice } from '../ui/form-notice.tsx'
import ui from '../ui/ui.module.css'
import { useForm } from '../ui/use-form.ts'
import { Button } from '../ui/button.tsx'
import { TextInput } from '../ui/fields.tsx'

type CodeFormProps = {
  readonly send: (code: string) => Promise<Problem | null>
  readonly onBack: () => void
}

/** The second step of signing in: six digits, which a phone can fill in, or a recovery code. */
export function CodeForm({ send, onBack }: CodeFormProps) {
  const [isRecovery, setRecovery] = useState(false)
  const form = useForm({
    names: ['code'],
    isForVisitors: true,
    check: (value) => {
      const code = value('code').replaceAll(/[\s-]/g, '')
      if (isRecovery) return code.length === 16 ? {} : { code: 'A recovery code has 16 letters and digits' }
      return /^\d{6}$/.test(code) ? {} : { code: 'Enter the six digits that your authenticator shows' }
    },
    send: async (value) => send(value('code')),
  })
  return (
    <form {...form.props} className={ui.form} key={String(isRecovery)}>
      <TextInput
        name="code"
        label={isRecovery ? 'Recovery code' : 'Code of your authenticator'}
        description={
          isRecovery ? 'One of those you kept when you switched two-factor on. It works once.' : 'Six digits'
        }
        autoComplete={isRecovery ? 'off' : 'one-time-code'}
        inputMode={isRecovery ? 'text' : 'numeric'}
        autoCapitalize="none"
        spellCheck={false}
        error={form.faults['code']}
        autoFocus
        data-autofocus
        required
        withAsterisk={false}
      />
      <FormNotice problem={form.problem} />
      <Button type="submit" size="md" loading={form.isBusy} fullWidth>
        Sign in
      </Button>
      <Button
        variant="subtle"
        onClick={() => {
          form.setProblem(null)
          setRecovery(!isRecovery)
        }}
      >
        {isRecovery ? 'Use the authenticator' : 'Use a recovery code'}
      </Button>
      <Button variant="subtle" color="gray" onClick={onBack}>
        Sign in as somebody else
      </Button>
    </form>
  )
}
