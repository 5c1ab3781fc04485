'use client'
import { useId, useRef, useState, type ComponentProps, type ReactNode } from 'react'
import type { Problem } from '../../lib/problem.ts'
import { leaveIfSignedOut } from '../../lib/signed-out.ts'
import { Button } from './button.tsx'
import { FormNotice } from './form-notice.tsx'
import classes from './ui.module.css'

type ConfirmButtonProps = Pick<ComponentProps<typeof Button>, 'variant' | 'size' | 'color'> & {
  /** What the button says. */
  readonly children: ReactNode
  /** A name that tells it from its neighbours: "Revoke key ci". */
  readonly label?: string
  readonly question: string
  /** What follows from it, and what does not. */
  readonly consequence: ReactNode
  readonly doIt: string
  readonly onConfirm: () => Promise<Problem | null>
}

/** A button whose act cannot be undone: it asks first. The dialog is the browser's own, with its focus and Escape. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { children, label, question, consequence, doIt, onConfirm, ...button } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const confirm = async () => {
    setBusy(true)
    const failed = await onConfirm().finally(() => setBusy(false))
    if (failed === null) dialog.current?.close()
    else if (!leaveIfSignedOut(failed)) setProblem(failed)
  }
  return (
    <>
      <Button
        variant="default"
        size="sm"
        {...button}
        {...(label !== undefined && { 'aria-label': label })}
        onClick={() => {
          setProblem(null)
          dialog.current?.showModal()
        }}
      >
        {children}
      </Button>
      <dialog ref={dialog} className={classes.dialog} aria-labelledby={titleId}>
        <h2 id={titleId}>{question}</h2>
        <p>{consequence}</p>
        <FormNotice problem={problem} />
        <div className={classes.buttons}>
          <Button color="red" loading={isBusy} onClick={() => void confirm()}>
            {doIt}
          </Button>
          <Button variant="default" onClick={() => dialog.current?.close()}>
            Keep it as it is
          </Button>
        </div>
      </dialog>
    </>
  )
}
