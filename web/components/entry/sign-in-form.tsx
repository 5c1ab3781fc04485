'use client'
import Link from 'next/link'
import { useState } from 'react'
import { emailFault, present } from '../../lib/form-faults.ts'
import { signInWithCode, signInWithPassword } from '../../lib/sign-in.ts'
import { DoneNotice, FormNotice } from '../ui/form-notice.tsx'
import ui from '../ui/ui.module.css'
import { useForm } from '../ui/use-form.ts'
import { Button } from '../ui/button.tsx'
import { TextInput } from '../ui/fields.tsx'
import { PasswordInput } from '../ui/password-input.tsx'
import { CodeForm } from './code-form.tsx'
import classes from './entry.module.css'
import { OtherSites } from './other-sites.tsx'

type SignInFormProps = {
  readonly next: string
  /** Another site has vouched for them; the code of their authenticator is missing. */
  readonly isHalfway: boolean
  /** Why an earlier try did not work. */
  readonly error: string | null
  /** What went well before. */
  readonly notice: string | null
  readonly email: string
}

type Credentials = { readonly email: string; readonly password: string }

/** Signs in by password, then asks for the second factor if there is one; or by another site. */
export function SignInForm({ next, isHalfway, error, notice, email }: SignInFormProps) {
  const [halfway, setHalfway] = useState<Credentials | null>(null)
  const form = useForm({
    names: ['email', 'password'],
    isForVisitors: true,
    check: (value) =>
      present({
        email: emailFault(value('email')),
        password: value('password') === '' ? 'Enter your password' : undefined,
      }),
    send: async (value) => {
      const credentials = { email: value('email').trim(), password: value('password') }
      const answer = await signInWithPassword(credentials)
      if (answer.ok) {
        window.location.assign(next)
        return null
      }
      if (answer.problem.code !== 'TWO_FACTOR_REQUIRED') return answer.problem
      setHalfway(credentials)
      return null
    },
  })
  if (halfway !== null || isHalfway) {
    return (
      <CodeForm
        onBack={() => (isHalfway ? window.location.assign('/sign-in') : setHalfway(null))}
        send={async (code) => {
          const answer = await (halfway === null ? signInWithCode(code) : signInWithPassword({ ...halfway, code }))
          if (!answer.ok) return answer.problem
          window.location.assign(next)
          return null
        }}
      />
    )
  }
  return (
    <>
      {error !== null && (
        <div className={ui.notice} role="alert" style={{ marginBottom: '1rem' }}>
          {error}
        </div>
      )}
      {notice !== null && (
        <div style={{ marginBottom: '1rem' }}>
          <DoneNotice>{notice}</DoneNotice>
        </div>
      )}
      <form {...form.props} className={ui.form}>
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
        <div>
          <PasswordInput
            name="password"
            label="Password"
            autoComplete="current-password"
            error={form.faults['password']}
            required
            withAsterisk={false}
          />
          <p className={classes.aside} style={{ marginTop: '0.375rem', textAlign: 'right' }}>
            <Link href="/forgot">Forgot your password?</Link>
          </p>
        </div>
        <FormNotice problem={form.problem} />
        <Button type="submit" size="md" loading={form.isBusy} fullWidth>
          Sign in
        </Button>
      </form>
      <OtherSites next={next} />
    </>
  )
}
