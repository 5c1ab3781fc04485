'use client'
import dynamic from 'next/dynamic'
import { useRef, useState } from 'react'
import classes from './agent.module.css'

/** Loaded by whoever opens it. */
const ReportDialog = dynamic(() => import('./report-dialog.tsx').then((module) => module.ReportDialog), { ssr: false })

/** Tells the operator that something is wrong with an agent. */
export function ReportButton({ agentId, name }: { readonly agentId: string; readonly name: string }) {
  const button = useRef<HTMLButtonElement>(null)
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <button
        ref={button}
        type="button"
        className={classes.linkButton}
        aria-haspopup="dialog"
        onClick={() => setOpen(true)}
      >
        Report<span className="sr-only"> {name}</span>
      </button>
      {isOpen && (
        <ReportDialog
          agentId={agentId}
          name={name}
          onClose={() => {
            setOpen(false)
            button.current?.focus()
          }}
        />
      )}
    </>
  )
}
