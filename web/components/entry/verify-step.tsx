'use client'
import { useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { takeNext } from '../../lib/keep-next.ts'
import { FormNotice } from '../ui/form-notice.tsx'
import { LinkButton } from '../ui/link-button.tsx'
import ui from '../ui/ui.module.css'
import { useForm } from '../ui/use-form.ts'
import { Button } from '../ui/button.tsx'

/** Uses the link of the mail. By a button: mail programs open links to look at them, and this one works once. */
export function VerifyStep({ token }: { readonly token: string }) {
  const [isDone, setDone] = useState(false)
  const form = useForm({
    names: [],
    isForVisitors: true,
    send: async () => {
      const answer = await ask(api.POST('/api/users/verification', { body: { token } }))
      if (!answer.ok) return answer.problem
      setDone(true)
      const { email } = answer.data
      window.location.assign(
        `/sign-in?${new URLSearchParams({ next: takeNext(), email, done: 'verified' }).toString()}`,
      )
      return null
    },
  })
  const { problem } = form
  const isOver = problem !== null && ['LINK_USED', 'LINK_EXPIRED', 'LINK_INVALID', 'EMAIL_TAKEN'].includes(problem.code)
  return (
    <form {...form.props} className={ui.form}>
      <FormNotice problem={problem} />
      {isOver ? (
        <div className={ui.buttons}>
          <LinkButton href="/sign-in">Sign in</LinkButton>
          <LinkButton href="/register" variant="default">
            Register again
          </LinkButton>
        </div>
      ) : (
        <Button type="submit" size="md" fullWidth loading={form.isBusy || isDone}>
          Confirm this address
        </Button>
      )}
    </form>
  )
}
