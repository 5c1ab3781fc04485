'use client'
import { Button } from '../ui/button.tsx'
import { NativeSelect, Textarea } from '../ui/fields.tsx'
import { useEffect, useId, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { api, ask } from '../../lib/api.ts'
import { present } from '../../lib/form-faults.ts'
import { FormNotice } from '../ui/form-notice.tsx'
import ui from '../ui/ui.module.css'
import { useForm } from '../ui/use-form.ts'

const REASONS = [
  { value: 'broken', label: 'It does not do what it says' },
  { value: 'misleading', label: 'Its price or description misleads' },
  { value: 'harmful', label: 'It does harm, or helps to' },
  { value: 'infringing', label: 'It uses what is not its creator’s' },
  { value: 'other', label: 'Something else' },
] as const

type ReportDialogProps = { readonly agentId: string; readonly name: string; readonly onClose: () => void }

/** The browser's own dialog, with its focus and Escape. */
export function ReportDialog({ agentId, name, onClose }: ReportDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  const [isDone, setDone] = useState(false)
  const form = useForm({
    names: ['text'],
    check: (value) => present({ text: value('text').trim() === '' ? 'Say what is wrong' : undefined }),
    send: async (value) => {
      const reason = REASONS.find((each) => each.value === value('reason'))?.value ?? 'other'
      const body = { reason, text: value('text').trim() }
      const answer = await ask(api.POST('/api/agents/{id}/reports', { params: { path: { id: agentId } }, body }))
      if (!answer.ok) return answer.problem
      setDone(true)
      return null
    },
  })
  useEffect(() => dialog.current?.showModal(), [])
  return createPortal(
    <dialog ref={dialog} className={ui.dialog} aria-labelledby={titleId} onClose={onClose}>
      <h2 id={titleId}>Report {name}</h2>
      {isDone ? (
        <>
          <p role="status">Thank you. The operator of this site will look at it.</p>
          <div className={ui.buttons}>
            <Button onClick={() => dialog.current?.close()}>Close</Button>
          </div>
        </>
      ) : (
        <form {...form.props} className={ui.form}>
          <p>It goes to the operator of this site, with your name. The creator does not see it.</p>
          <NativeSelect name="reason" label="What is wrong" data={[...REASONS]} />
          <Textarea
            name="text"
            label="In your words"
            description="What you did, what you expected, and a run id if you have one."
            rows={4}
            maxLength={2_000}
            error={form.faults['text']}
          />
          <FormNotice problem={form.problem} />
          <div className={ui.buttons}>
            <Button type="submit" loading={form.isBusy}>
              Send the report
            </Button>
            <Button variant="default" onClick={() => dialog.current?.close()}>
              Cancel
            </Button>
          </div>
        </form>
      )}
    </dialog>,
    document.body,
  )
}
