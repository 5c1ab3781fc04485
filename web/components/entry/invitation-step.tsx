'use client'
import { useEffect, useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import type { Problem } from '../../lib/problem.ts'
import { ROLE_WORDS } from '../../lib/role-words.ts'
import { signOutHere } from '../../lib/sign-in.ts'
import { Failure } from '../states/failure.tsx'
import { PanelSkeleton } from '../states/panel-skeleton.tsx'
import { FormNotice } from '../ui/form-notice.tsx'
import { LinkButton } from '../ui/link-button.tsx'
import ui from '../ui/ui.module.css'
import { Button } from '../ui/button.tsx'

type Offer = {
  readonly accountName: string
  readonly inviter: string | null
  readonly email: string
  readonly role: keyof typeof ROLE_WORDS
}

/** What a link invites to, and the two answers to it. @param email of whoever is signed in */
export function InvitationStep({ token, email }: { readonly token: string; readonly email: string | null }) {
  const [offer, setOffer] = useState<Offer | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [refusal, setRefusal] = useState<Problem | null>(null)
  const [busy, setBusy] = useState<'accept' | 'decline' | null>(null)
  const [isDeclined, setDeclined] = useState(false)
  useEffect(() => {
    void ask(api.POST('/api/invitations/offer', { body: { token } })).then((answer) =>
      answer.ok ? setOffer(answer.data) : setProblem(answer.problem),
    )
  }, [token])

  async function accept(): Promise<void> {
    setBusy('accept')
    const joined = await ask(api.POST('/api/invitations/accept', { body: { token } }))
    if (!joined.ok) {
      setRefusal(joined.problem)
      return setBusy(null)
    }
    const { accountId } = joined.data
    // Should the switch fail, they belong to it all the same and can switch by hand.
    await ask(api.PUT('/api/sessions/current/account', { body: { accountId } }))
    window.location.assign('/home')
  }
  async function decline(): Promise<void> {
    setBusy('decline')
    const answer = await ask(api.POST('/api/invitations/decline', { body: { token } }))
    setBusy(null)
    if (answer.ok) setDeclined(true)
    else setRefusal(answer.problem)
  }

  if (problem !== null) {
    return (
      <Failure problem={problem}>
        <LinkButton href="/home" size="sm" variant="default">
          Go home
        </LinkButton>
      </Failure>
    )
  }
  if (offer === null) return <PanelSkeleton rows={3} />
  if (isDeclined) {
    return (
      <div className={`${ui.notice} ${ui.good}`} role="status">
        You declined. Nothing was shared, and the link does not work any more.
      </div>
    )
  }
  const here = `/invitations/${encodeURIComponent(token)}`
  const isOther = email !== null && email !== offer.email
  return (
    <div className={ui.form}>
      <p style={{ margin: 0 }}>
        <strong>{offer.inviter ?? 'Somebody'}</strong> invites <strong>{offer.email}</strong> to the account{' '}
        <strong>{offer.accountName}</strong> as {offer.role}: {ROLE_WORDS[offer.role]}
      </p>
      <FormNotice problem={refusal} />
      {email === null && (
        <div className={ui.buttons}>
          <LinkButton href={`/sign-in?${new URLSearchParams({ next: here, email: offer.email }).toString()}`}>
            Sign in to accept
          </LinkButton>
          <LinkButton
            variant="default"
            href={`/register?${new URLSearchParams({ next: here, email: offer.email }).toString()}`}
          >
            Make an account
          </LinkButton>
        </div>
      )}
      {isOther && (
        <div className={ui.notice}>
          You are signed in as {email}, but the invitation was sent to {offer.email}.
          <p>
            <Button size="compact-sm" variant="default" onClick={() => void signOutHere(here)}>
              Sign in as {offer.email}
            </Button>
          </p>
        </div>
      )}
      <div className={ui.buttons}>
        {email !== null && !isOther && (
          <Button loading={busy === 'accept'} onClick={() => void accept()}>
            Accept
          </Button>
        )}
        <Button variant="default" loading={busy === 'decline'} onClick={() => void decline()}>
          Decline
        </Button>
      </div>
    </div>
  )
}
