'use client'
import { useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { atField, present } from '../../lib/form-faults.ts'
import { CopyText } from '../ui/copy-text.tsx'
import { FormNotice } from '../ui/form-notice.tsx'
import ui from '../ui/ui.module.css'
import { useForm } from '../ui/use-form.ts'
import { Button } from '../ui/button.tsx'
import { TextInput } from '../ui/fields.tsx'
import { PasswordInput } from '../ui/password-input.tsx'
import { QrCode } from './qr-code.tsx'

type Offer = { readonly secret: string; readonly uri: string }
type SetUpFactorProps = { readonly onDone: (codes: readonly string[]) => void; readonly onCancel: () => void }

/** Password, then the secret for the authenticator, then the first code as the proof that it works. */
export function SetUpFactor({ onDone, onCancel }: SetUpFactorProps) {
  const [offer, setOffer] = useState<Offer | null>(null)
  return offer === null ? (
    <PasswordStep onOffer={setOffer} onCancel={onCancel} />
  ) : (
    <CodeStep offer={offer} onDone={onDone} onCancel={onCancel} />
  )
}

function PasswordStep({
  onOffer,
  onCancel,
}: {
  readonly onOffer: (offer: Offer) => void
  readonly onCancel: () => void
}) {
  const form = useForm({
    names: ['password'],
    check: (value) => present({ password: value('password') === '' ? 'Enter your password' : undefined }),
    send: async (value) => {
      const answer = await ask(api.POST('/api/two-factor', { body: { password: value('password') } }))
      if (!answer.ok) return atField(answer.problem, 'PASSWORD_WRONG', '/password')
      onOffer(answer.data)
      return null
    },
  })
  return (
    <form {...form.props} className={ui.form}>
      <PasswordInput
        name="password"
        label="Your password"
        autoComplete="current-password"
        error={form.faults['password']}
        autoFocus
      />
      <FormNotice problem={form.problem} />
      <div className={ui.buttons}>
        <Button type="submit" loading={form.isBusy}>
          Go on
        </Button>
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  )
}

function CodeStep({ offer, onDone, onCancel }: SetUpFactorProps & { readonly offer: Offer }) {
  const form = useForm({
    names: ['code'],
    check: (value) =>
      present({
        code: /^\d{6}$/.test(value('code').replaceAll(/\s/g, '')) ? undefined : 'Enter the six digits that it shows',
      }),
    send: async (value) => {
      const answer = await ask(api.POST('/api/two-factor/confirm', { body: { code: value('code') } }))
      if (!answer.ok) return atField(answer.problem, 'CODE_INVALID', '/code')
      onDone(answer.data.recoveryCodes)
      return null
    },
  })
  return (
    <div className={ui.form}>
      <p style={{ margin: 0 }}>
        Scan this with your authenticator, or open it there by <a href={offer.uri}>this link</a>, or type the key.
      </p>
      <QrCode text={offer.uri} label="Code for the camera of your authenticator" />
      <CopyText label="Key" text={offer.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')} />
      <form {...form.props} className={ui.form}>
        <TextInput
          name="code"
          label="Code that it shows now"
          autoComplete="one-time-code"
          inputMode="numeric"
          error={form.faults['code']}
          autoFocus
        />
        <FormNotice problem={form.problem} />
        <div className={ui.buttons}>
          <Button type="submit" loading={form.isBusy}>
            Switch two-factor on
          </Button>
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
        </div>
      </form>
    </div>
  )
}
