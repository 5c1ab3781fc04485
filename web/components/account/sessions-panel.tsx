'use client'
import { useRouter } from 'next/navigation'
import { api, ask } from '../../lib/api.ts'
import { deviceWords } from '../../lib/device-words.ts'
import { ConfirmButton } from '../ui/confirm-button.tsx'
import { LocalTime } from '../ui/local-time.tsx'
import { Panel, Row, Rows } from '../ui/panel.tsx'
import { Badge } from '../ui/badge.tsx'

type Session = {
  readonly id: string
  readonly isCurrent: boolean
  readonly address: string | null
  readonly userAgent: string | null
  readonly createdAt: string
  readonly lastUsedAt: string | null
}

/** Where one is signed in, and the way to end that. */
export function SessionsPanel({ sessions }: { readonly sessions: readonly Session[] }) {
  const router = useRouter()
  const end = async (id: string) => {
    const answer = await ask(api.DELETE('/api/sessions/{id}', { params: { path: { id } } }))
    if (!answer.ok) return answer.problem
    router.refresh()
    return null
  }
  const endOthers = async () => {
    const answer = await ask(api.DELETE('/api/sessions'))
    if (!answer.ok) return answer.problem
    router.refresh()
    return null
  }
  return (
    <Panel
      title="Sessions"
      text="Where you are signed in. What you end is refused everywhere within a second."
      action={
        sessions.length > 1 && (
          <ConfirmButton
            question="Sign out everywhere else?"
            consequence="Every other browser of yours has to sign in again. This one stays. API keys go on working."
            doIt="Sign out the others"
            onConfirm={endOthers}
          >
            Sign out the others
          </ConfirmButton>
        )
      }
    >
      <Rows>
        {sessions.map((session) => (
          <Row
            key={session.id}
            title={
              <>
                {deviceWords(session.userAgent)}
                {session.isCurrent && <Badge>This browser</Badge>}
              </>
            }
            note={
              <>
                {session.address ?? 'Unknown address'}, since <LocalTime at={session.createdAt} />
                {session.lastUsedAt !== null && (
                  <>
                    , last used <LocalTime at={session.lastUsedAt} />
                  </>
                )}
              </>
            }
          >
            {!session.isCurrent && (
              <ConfirmButton
                label={`Sign out ${deviceWords(session.userAgent)}`}
                question={`Sign out ${deviceWords(session.userAgent)}?`}
                consequence="Whoever uses it has to sign in again."
                doIt="Sign it out"
                onConfirm={() => end(session.id)}
              >
                Sign out
              </ConfirmButton>
            )}
          </Row>
        ))}
      </Rows>
    </Panel>
  )
}
