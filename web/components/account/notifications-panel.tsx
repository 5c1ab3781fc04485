'use client'
import { useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import type { Problem } from '../../lib/problem.ts'
import { leaveIfSignedOut } from '../../lib/signed-out.ts'
import { Checkbox } from '../ui/fields.tsx'
import { FormNotice } from '../ui/form-notice.tsx'
import { Panel } from '../ui/panel.tsx'
import ui from '../ui/ui.module.css'

export type MailWishes = {
  readonly run_ended: boolean
  readonly credits_low: boolean
  readonly agent_failing: boolean
  readonly new_session: boolean
}

const KINDS = [
  ['run_ended', 'A run that you queued ended while you were away'],
  ['credits_low', 'Fewer credits are left than the last day cost'],
  ['agent_failing', 'An agent of yours fails half of its runs'],
  ['new_session', 'Somebody signed in as you on a new device'],
] as const

/** The bell tells all of it; here one says of what a mail comes too. */
export function NotificationsPanel({ mail }: { readonly mail: MailWishes }) {
  const [wishes, setWishes] = useState(mail)
  const [busy, setBusy] = useState<keyof MailWishes | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const wish = async (kind: keyof MailWishes, byMail: boolean) => {
    setBusy(kind)
    setProblem(null)
    const answer = await ask(api.PUT('/api/notifications/settings', { body: { kind, byMail } }))
    setBusy(null)
    if (answer.ok) setWishes(answer.data.mail)
    else if (!leaveIfSignedOut(answer.problem)) setProblem(answer.problem)
  }
  return (
    <Panel
      title="Notifications"
      text="The bell at the top tells you of all this. A mail comes too, within a minute, unless you read it there first:"
    >
      <div className={ui.form}>
        {KINDS.map(([kind, label]) => (
          <Checkbox
            key={kind}
            label={label}
            checked={wishes[kind]}
            disabled={busy === kind}
            onChange={(event) => void wish(kind, event.currentTarget.checked)}
          />
        ))}
        <FormNotice problem={problem} />
      </div>
    </Panel>
  )
}
