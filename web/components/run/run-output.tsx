'use client'
import dynamic from 'next/dynamic'
import { useId, useState, type ReactNode } from 'react'
import { OutputHead } from './output-head.tsx'
import type { RunStateProps } from './run-state.tsx'
import { RunStateMissing } from './run-state-missing.tsx'
import { TabList } from './tab-list.tsx'
import classes from './run.module.css'

const loadRunState = () => import('./run-state.tsx')
// Whoever only looks at an agent loads nothing of what a run needs.
const RunState = dynamic(() =>
  loadRunState().then(
    (module) => module.RunState,
    () => RunStateMissing,
  ),
)
const JsonView = dynamic(() => import('./json-view.tsx').then((module) => module.JsonView))

/** Begins to load what a run is shown with, so that it is there when the run is. */
export const expectRun = (): void => void loadRunState().catch(() => undefined)

export type StoredExample = {
  readonly name: string
  readonly output: unknown
  /** The output as it is shown, made on the server. */
  readonly result: ReactNode
}

type RunOutputProps = Omit<RunStateProps, 'say'> & {
  /** Shown until something runs: what this agent answered when it was published. */
  readonly example: StoredExample | null
}

/** What a run does and did: one component for the agent's page and for the run's own, so that both always tell the
 * same. */
export function RunOutput({ example, ...state }: RunOutputProps) {
  const { hold, headRef } = state
  const [words, setWords] = useState('')
  return (
    <section className={classes.output} aria-label="Output">
      {/* The one polite live region of a run: there before anything is said in it. */}
      <p className="sr-only" role="status" aria-live="polite">
        {words}
      </p>
      {hold.refusal === null && hold.run === null ? (
        <Idle example={example} isSending={hold.isSending} headRef={headRef} />
      ) : (
        <RunState {...state} say={setWords} />
      )}
    </section>
  )
}

function Idle({
  example,
  isSending,
  headRef,
}: {
  readonly example: StoredExample | null
  readonly isSending: boolean
  readonly headRef: RunStateProps['headRef']
}) {
  const [tab, setTab] = useState('result')
  const id = useId()
  if (isSending)
    return (
      <>
        <OutputHead headRef={headRef} title="Sending the input" />
        <div className={classes.bar} role="progressbar" aria-label="Sending the input" data-indeterminate />
      </>
    )
  if (example === null)
    return (
      <>
        <OutputHead headRef={headRef} title="Output" />
        <p className={classes.blank}>The result, the log and what it cost appear here when you run the agent.</p>
      </>
    )
  return (
    <>
      <OutputHead headRef={headRef} title={`Example: ${example.name}`}>
        <span className={classes.tag}>Stored output</span>
      </OutputHead>
      <p className={classes.under}>
        What this version answered to the example input when it was published. Fill in your own and run it.
      </p>
      <TabList
        id={id}
        tabs={[
          { value: 'result', label: 'Result' },
          { value: 'json', label: 'JSON' },
        ]}
        value={tab}
        onChange={setTab}
        label="Example output"
      >
        {tab === 'json' ? <JsonView value={example.output} label="Example output as JSON" /> : example.result}
      </TabList>
    </>
  )
}
