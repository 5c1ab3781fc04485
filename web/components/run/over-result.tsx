'use client'
import { failureWords, stoppedWords, stopperWords, storedProblem, type Mend } from '../../lib/failure-words.ts'
import type { LiveRun } from '../../lib/live-run.ts'
import { paidFilesOf } from '../../lib/paid-files.ts'
import { Chunks } from './chunks.tsx'
import { FailurePanel } from './failure-panel.tsx'
import { PicturePreviews } from './picture-previews.tsx'
import { ResultView } from './result-view.tsx'
import classes from './run.module.css'

type OverResultProps = {
  readonly run: LiveRun
  /** On this page, by who looks at it. */
  readonly isStoppedHere: boolean
  readonly view: string | null
  readonly onMend: (mend: Mend) => void
}

/** Until the server has said who it was. */
const YOU = { kind: 'person', isYou: true, name: null } as const

/** What came of a run that is over. */
export function OverResult({ run, isStoppedHere, view, onMend }: OverResultProps) {
  if (run.status === 'succeeded') {
    if (run.hasOutput)
      return (
        <>
          <PicturePreviews files={paidFilesOf(run)} />
          <ResultView value={run.output} view={view} />
        </>
      )
    return <div className={classes.resultPlace} aria-busy="true" />
  }
  const problem = storedProblem(run)
  return (
    <>
      {run.status === 'canceled' ? (
        <div className={classes.stopped}>
          <strong>{stopperWords(run.canceledBy ?? (isStoppedHere ? YOU : null))}</strong>{' '}
          {stoppedWords(run.receipt, run.runMs === null ? 'waiting' : 'running')}
        </div>
      ) : (
        <FailurePanel
          words={failureWords(problem, run.receipt)}
          issues={problem.issues}
          runId={run.runId}
          requestId={null}
          onMend={onMend}
        />
      )}
      {run.chunks.length > 0 && (
        <section>
          <h3 className={classes.partName}>What came before</h3>
          <Chunks chunks={run.chunks} />
        </section>
      )}
    </>
  )
}
