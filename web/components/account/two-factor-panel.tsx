'use client'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { LinkButton } from '../ui/link-button.tsx'
import { Panel } from '../ui/panel.tsx'
import ui from '../ui/ui.module.css'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'

const ConfirmFactorForm = dynamic(() => import('./confirm-factor-form.tsx').then((module) => module.ConfirmFactorForm))
const RecoveryCodes = dynamic(() => import('./recovery-codes.tsx').then((module) => module.RecoveryCodes))
const SetUpFactor = dynamic(() => import('./set-up-factor.tsx').then((module) => module.SetUpFactor))

type TwoFactorPanelProps = { readonly isOn: boolean; readonly codesLeft: number; readonly hasPassword: boolean }
type Step =
  | { readonly kind: 'none' | 'set_up' | 'disable' | 'renew' }
  | { readonly kind: 'codes'; readonly codes: readonly string[] }

/** The second factor: on, off, and what to do the day the phone is gone. */
export function TwoFactorPanel({ isOn, codesLeft, hasPassword }: TwoFactorPanelProps) {
  const router = useRouter()
  const [step, setStep] = useState<Step>({ kind: 'none' })
  const close = () => setStep({ kind: 'none' })
  const showCodes = (codes: readonly string[]) => {
    setStep({ kind: 'codes', codes })
    router.refresh()
  }
  return (
    <Panel
      id="two-factor"
      title="Two-factor"
      text="Signing in asks for a code of an authenticator app as well, so that a stolen password is not enough."
      action={
        <Badge color={isOn ? 'green' : 'gray'} size="lg">
          {isOn ? 'On' : 'Off'}
        </Badge>
      }
    >
      {step.kind === 'codes' && <RecoveryCodes codes={step.codes} onKept={close} />}
      {step.kind === 'set_up' && <SetUpFactor onDone={showCodes} onCancel={close} />}
      {step.kind === 'disable' && (
        <ConfirmFactorForm
          text="Afterwards your password alone signs you in."
          doIt="Switch two-factor off"
          isDestructive
          onCancel={close}
          send={async (body) => {
            const answer = await ask(api.POST('/api/two-factor/disable', { body }))
            if (!answer.ok) return answer.problem
            close()
            router.refresh()
            return null
          }}
        />
      )}
      {step.kind === 'renew' && (
        <ConfirmFactorForm
          text="The codes you have now stop working."
          doIt="Make new codes"
          onCancel={close}
          send={async (body) => {
            const answer = await ask(api.POST('/api/two-factor/recovery-codes', { body }))
            if (!answer.ok) return answer.problem
            showCodes(answer.data.recoveryCodes)
            return null
          }}
        />
      )}
      {step.kind === 'none' && isOn && (
        <>
          <p style={{ marginTop: 0 }}>
            {codesLeft === 0
              ? 'No recovery code is left: make new ones before your phone is lost.'
              : `${codesLeft} recovery ${codesLeft === 1 ? 'code is' : 'codes are'} left.`}
          </p>
          <div className={ui.buttons}>
            <Button variant="default" onClick={() => setStep({ kind: 'renew' })}>
              Make new recovery codes
            </Button>
            <Button variant="default" onClick={() => setStep({ kind: 'disable' })}>
              Switch it off
            </Button>
          </div>
        </>
      )}
      {step.kind === 'none' && !isOn && hasPassword && (
        <Button onClick={() => setStep({ kind: 'set_up' })}>Switch two-factor on</Button>
      )}
      {step.kind === 'none' && !isOn && !hasPassword && (
        <LinkButton href="/forgot" variant="default">
          Set a password first
        </LinkButton>
      )}
    </Panel>
  )
}
