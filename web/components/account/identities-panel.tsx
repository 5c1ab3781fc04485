'use client'
import { Button } from '../ui/button.tsx'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { connectPath } from '../../lib/next-path.ts'
import { offline, type Problem } from '../../lib/problem.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { DoneNotice, FormNotice } from '../ui/form-notice.tsx'
import { LinkButton } from '../ui/link-button.tsx'
import { LocalTime } from '../ui/local-time.tsx'
import { Panel, Row, Rows } from '../ui/panel.tsx'
import ui from '../ui/ui.module.css'

type Provider = 'github' | 'google' | 'oidc'
type IdentitiesPanelProps = {
  readonly identities: readonly {
    readonly provider: Provider
    readonly name: string
    readonly email: string
    readonly createdAt: string
    readonly lastUsedAt: string | null
  }[]
  /** Those that the operator has set up. */
  readonly providers: readonly { readonly id: Provider; readonly name: string }[]
  readonly hasPassword: boolean
  /** Which one they come back from, as the address says: shown only if it is true. */
  readonly connected: string | undefined
  /** Why connecting did not work. */
  readonly error: string | null
}

/** Other sites that sign one in here: what is connected, the way to connect one, and to be rid of it. */
export function IdentitiesPanel({ identities, providers, hasPassword, connected, error }: IdentitiesPanelProps) {
  const router = useRouter()
  const [leaving, setLeaving] = useState<Provider | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const others = providers.filter(({ id }) => !identities.some(({ provider }) => provider === id))
  if (identities.length === 0 && others.length === 0) return null
  const isOnlyWayIn = !hasPassword && identities.length === 1
  const disconnect = async (provider: Provider) => {
    const answer = await ask(api.DELETE('/api/identities/{provider}', { params: { path: { provider } } }))
    if (!answer.ok) return answer.problem
    router.refresh()
    return null
  }
  const connect = async (provider: Provider) => {
    setLeaving(provider)
    setProblem(null)
    // Loaded by whoever connects one.
    const failed = await import('../../lib/sign-in.ts').then(
      ({ signInWith }) => signInWith(provider, connectPath(provider)),
      () => offline,
    )
    if (failed === null) return
    setProblem(failed)
    setLeaving(null)
  }
  const fresh = identities.find(({ provider }) => provider === connected)
  return (
    <Panel
      id="connected"
      title="Connected accounts"
      text="Other sites that sign you in here. They learn that you do, and nothing of what you do here."
    >
      {error !== null && (
        <div className={ui.notice} role="alert">
          {error}
        </div>
      )}
      <DoneNotice>{fresh === undefined ? null : `${fresh.name} signs you in from now on.`}</DoneNotice>
      <FormNotice problem={problem} />
      <Rows>
        {identities.map(({ provider, name, email, createdAt, lastUsedAt }) => (
          <Row
            key={provider}
            title={name}
            note={
              <>
                {email}, connected <LocalTime at={createdAt} />
                {lastUsedAt !== null && (
                  <>
                    , last used <LocalTime at={lastUsedAt} />
                  </>
                )}
                {isOnlyWayIn && <p style={{ margin: '0.25rem 0 0' }}>It is your only way in. Set a password first.</p>}
              </>
            }
          >
            {isOnlyWayIn ? (
              <LinkButton href="/forgot" variant="default" size="sm">
                Set a password by mail
              </LinkButton>
            ) : (
              <ConfirmButton
                label={`Disconnect ${name}`}
                question={`Disconnect ${name}?`}
                consequence={`${name} signs you in here no more. Your account, and the sessions that are open, stay. You can connect it again.`}
                doIt="Disconnect it"
                onConfirm={() => disconnect(provider)}
              >
                Disconnect
              </ConfirmButton>
            )}
          </Row>
        ))}
        {others.map(({ id, name }) => (
          <Row key={id} title={name} note="Not connected">
            <Button
              variant="default"
              size="sm"
              aria-label={`Connect ${name}`}
              loading={leaving === id}
              onClick={() => void connect(id)}
            >
              Connect
            </Button>
          </Row>
        ))}
      </Rows>
    </Panel>
  )
}
