'use client'
import { useRouter } from 'next/navigation'
import { useEffect, useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { amountWords, creditWords, microOf } from '../../lib/credits.ts'
import { NEWS } from '../../lib/news.ts'
import { missingCredits } from '../../lib/price-words.ts'
import { CopyText } from '../run/copy-text.tsx'
import { LinkButton } from '../ui/link-button.tsx'
import { Panel } from '../ui/panel.tsx'

const LOOK_EVERY_MS = 3_000

/** Who wants credits. */
export type Asking = {
  /** The team that pays, or null where a person pays for themselves. */
  readonly account: { readonly name: string; readonly slug: string } | null
  readonly email: string
  readonly isAdmin: boolean
}

type GetCreditsProps = Asking & {
  /** Where they were; null for who came to look and has none. */
  readonly next: string | null
  /** What the run sets aside that waits there, if that is known. */
  readonly needed: string | null
}

/** For who came here because a run lacks credits, or has none: how many, whom to ask, and the way back once they are here, which is
 * seen without loading the page anew. */
export function GetCredits({ next, needed, account, email, isAdmin }: GetCreditsProps) {
  const available = useAvailable()
  if (available === null) return null
  const missing = needed === null ? null : missingCredits(needed, available)
  const isEnough = needed === null ? microOf(available) > 0n : missing === null
  return (
    <Panel
      title={isEnough ? 'The credits are here' : 'Get credits'}
      text={
        <span role="status">
          {next === null && !isEnough
            ? 'You have none yet. Until then what is free runs, and so does what an agent page offers to guests.'
            : isEnough
              ? `You have ${creditWords(available)}${needed === null ? '' : `; the run sets aside ${amountWords(needed)}`}. What you filled in is kept.`
              : missing === null
                ? 'You have no credits. What you filled in is kept.'
                : `The run sets aside ${amountWords(needed ?? '0')}, and you have ${amountWords(available)}: ${creditWords(missing)} missing. What you filled in is kept.`}
        </span>
      }
      action={
        next !== null && (
          <LinkButton href={next} variant={isEnough ? 'filled' : 'default'}>
            {isEnough ? 'Go back and run' : 'Go back'}
          </LinkButton>
        )
      }
    >
      {isEnough ? null : isAdmin ? (
        <>
          <p style={{ marginTop: 0 }}>You run this site. This gives credits to an account:</p>
          <Given text={`npx bureau credits grant ${account?.slug ?? email} ${missing ?? '100'}`} what="command" />
        </>
      ) : account !== null ? (
        <>
          <p style={{ marginTop: 0 }}>
            Credits are given by whoever runs this site. Ask them for some for the account{' '}
            <strong>{account.name}</strong>, and give them its short name; this page sees them come.
          </p>
          <Given text={account.slug} what="short name" />
        </>
      ) : (
        <>
          <p style={{ marginTop: 0 }}>
            Credits are given by whoever runs this site. Ask them, and name the address of your account; this page sees
            them come.
          </p>
          <Given text={email} what="address" />
        </>
      )}
    </Panel>
  )
}

function Given({ text, what }: { readonly text: string; readonly what: string }) {
  return (
    <p style={{ display: 'flex', gap: '0.5rem', alignItems: 'center', flexWrap: 'wrap', margin: 0 }}>
      <code>{text}</code>
      <CopyText text={text} label="Copy" what={what} />
    </p>
  )
}

/** The balance, looked at again while somebody waits for it here; null until it is known. What changes is shown in the
 * whole page. */
function useAvailable(): string | null {
  const router = useRouter()
  const [available, setAvailable] = useState<string | null>(null)
  useEffect(() => {
    const life = new AbortController()
    let known: string | null = null
    const look = async (): Promise<void> => {
      if (document.visibilityState === 'hidden') return
      const answer = await ask(api.GET('/api/credits'))
      if (life.signal.aborted || !answer.ok) return
      if (known !== null && known !== answer.data.available) router.refresh()
      known = answer.data.available
      setAvailable(known)
    }
    void look()
    const timer = setInterval(() => void look(), LOOK_EVERY_MS)
    const lookNow = () => void look()
    window.addEventListener(NEWS, lookNow)
    document.addEventListener('visibilitychange', lookNow)
    return () => {
      life.abort()
      clearInterval(timer)
      window.removeEventListener(NEWS, lookNow)
      document.removeEventListener('visibilitychange', lookNow)
    }
  }, [router])
  return available
}
