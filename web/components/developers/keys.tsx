'use client'
import { KeyRound } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { creditsOf, creditWords } from '../../lib/credits.ts'
import { curlFor, type Scope } from '../../lib/key-form.ts'
import { EmptyState } from '../states/empty-state.tsx'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { CopyText } from '../ui/copy-text.tsx'
import { LocalTime } from '../ui/local-time.tsx'
import { Panel, Row, Rows } from '../ui/panel.tsx'
import ui from '../ui/ui.module.css'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'

/** Loaded by whoever makes a key. */
const KeyForm = dynamic(() => import('./key-form.tsx').then((module) => module.KeyForm), {
  ssr: false,
  loading: () => <p aria-busy="true">Loading the form …</p>,
})

export type Key = {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly scopes: readonly string[]
  readonly agentIds: readonly string[]
  readonly monthlyCapMicro: string | null
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
  readonly revokedAt: string | null
  readonly createdAt: string
}
export type AgentChoice = { readonly id: string; readonly name: string }

type KeysProps = {
  readonly keys: readonly Key[]
  readonly agents: readonly AgentChoice[]
  /** What a key can be made for by this person; none: they may only look. */
  readonly scopes: readonly Scope[]
}

export function Keys({ keys, agents, scopes }: KeysProps) {
  const router = useRouter()
  const [isMaking, setMaking] = useState(false)
  const [made, setMade] = useState<{ readonly name: string; readonly key: string; readonly agentId: string } | null>(
    null,
  )
  const open = keys.filter(({ revokedAt }) => revokedAt === null)
  const revoked = keys.length - open.length
  const revoke = async (id: string) => {
    const answer = await ask(api.DELETE('/api/keys/{id}', { params: { path: { id } } }))
    if (!answer.ok) return answer.problem
    router.refresh()
    return null
  }
  const mayMake = scopes.length > 0
  return (
    <Panel
      title="API keys"
      text={
        revoked === 0
          ? 'Each is shown once, when it is made. We keep only what it takes to recognise it.'
          : `Each is shown once, when it is made. ${revoked} more ${revoked === 1 ? 'was' : 'were'} revoked.`
      }
      action={
        mayMake &&
        !isMaking &&
        open.length > 0 && (
          <Button size="sm" onClick={() => setMaking(true)}>
            Make a key
          </Button>
        )
      }
    >
      {made !== null && (
        <div className={`${ui.notice} ${ui.good}`} role="status" style={{ marginBottom: '1.25rem' }}>
          <strong>The key “{made.name}” is made.</strong>
          <p style={{ marginBottom: '0.75rem' }}>It is shown this once. Keep it where you keep passwords.</p>
          <CopyText label="Key" text={made.key} />
          <p style={{ margin: '0.75rem 0' }}>A call that works as it stands:</p>
          <CopyText label="Call" text={curlFor(window.location.origin, made.key, made.agentId)} />
          <Button size="sm" variant="default" style={{ marginTop: '1rem' }} onClick={() => setMade(null)}>
            I have kept it
          </Button>
        </div>
      )}
      {isMaking && (
        <KeyForm
          scopes={scopes}
          agents={agents}
          onCancel={() => setMaking(false)}
          onMade={({ name, key, agentIds }) => {
            setMaking(false)
            setMade({ name, key, agentId: agentIds[0] ?? agents[0]?.id ?? 'AGENT_ID' })
            router.refresh()
          }}
        />
      )}
      {open.length === 0 && !isMaking && made === null && (
        <EmptyState
          icon={KeyRound}
          title="No API keys yet"
          text="With a key a program runs agents as this page does: the same prices, caps and receipts."
        >
          {mayMake ? (
            <Button onClick={() => setMaking(true)}>Make a key</Button>
          ) : (
            <span>Ask an owner of the account for one.</span>
          )}
        </EmptyState>
      )}
      {open.length > 0 && (
        <Rows>
          {open.map((key) => (
            <Row
              key={key.id}
              title={
                <>
                  {key.name} <code style={{ fontSize: '0.8125rem', fontWeight: 400 }}>{key.prefix}…</code>
                  {isOver(key.expiresAt) && <Badge color="red">Expired</Badge>}
                </>
              }
              note={<KeyFacts agentKey={key} />}
            >
              {mayMake && (
                <ConfirmButton
                  label={`Revoke key ${key.name}`}
                  question={`Revoke the key “${key.name}”?`}
                  consequence="Programs that use it are refused within a second. It cannot be brought back; a new key can be made."
                  doIt="Revoke it"
                  onConfirm={() => revoke(key.id)}
                >
                  Revoke
                </ConfirmButton>
              )}
            </Row>
          ))}
        </Rows>
      )}
    </Panel>
  )
}

function KeyFacts({ agentKey: key }: { readonly agentKey: Key }) {
  return (
    <>
      {key.scopes.join(', ')}
      {key.agentIds.length > 0 && `; ${key.agentIds.length === 1 ? 'one agent' : `${key.agentIds.length} agents`} only`}
      {key.monthlyCapMicro !== null && `; at most ${creditWords(creditsOf(BigInt(key.monthlyCapMicro)))} a month`}
      <br />
      {key.lastUsedAt === null ? (
        'Never used'
      ) : (
        <>
          Last used <LocalTime at={key.lastUsedAt} />
        </>
      )}
      , made <LocalTime at={key.createdAt} isDay />
      {key.expiresAt !== null && (
        <>
          , ends <LocalTime at={key.expiresAt} isDay />
        </>
      )}
    </>
  )
}

const isOver = (expiresAt: string | null): boolean => expiresAt !== null && Date.parse(expiresAt) <= Date.now()
