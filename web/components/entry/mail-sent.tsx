'use client'
import { useEffect, useRef, useState } from 'react'
import type { Answer, Problem } from '../../lib/problem.ts'
import { FormNotice } from '../ui/form-notice.tsx'
import ui from '../ui/ui.module.css'
import { Button } from '../ui/button.tsx'

type MailSentProps = {
  readonly email: string
  readonly text: string
  readonly again: () => Promise<Answer<unknown>>
  readonly onBack: () => void
}

/** A mail is on its way. Says the same whether the address is known or not. */
export function MailSent({ email, text, again, onBack }: MailSentProps) {
  const [state, setState] = useState<'sent' | 'sending' | 'sent_again'>('sent')
  const [problem, setProblem] = useState<Problem | null>(null)
  const heading = useRef<HTMLHeadingElement>(null)
  // The form that had the focus is gone.
  useEffect(() => heading.current?.focus(), [])
  const sendAgain = async () => {
    setProblem(null)
    setState('sending')
    const answer = await again()
    setState(answer.ok ? 'sent_again' : 'sent')
    if (!answer.ok) setProblem(answer.problem)
  }
  return (
    <div className={ui.form}>
      <div className={`${ui.notice} ${ui.good}`} role="status">
        <h2 ref={heading} tabIndex={-1} style={{ margin: 0, fontSize: 'inherit', outline: 'none' }}>
          {state === 'sent_again' ? 'Sent again' : 'Look into your mail'}
        </h2>
        <p>
          A mail is on its way to <strong>{email}</strong>. {text}
        </p>
      </div>
      <FormNotice problem={problem} />
      <div className={ui.buttons}>
        <Button variant="default" loading={state === 'sending'} onClick={() => void sendAgain()}>
          Send it again
        </Button>
        <Button variant="subtle" onClick={onBack}>
          Use another address
        </Button>
      </div>
    </div>
  )
}
