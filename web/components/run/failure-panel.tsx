'use client'
import type { FailureWords, Mend } from '../../lib/failure-words.ts'
import type { FieldIssue } from '../../lib/run-problem.ts'
import { Button } from '../ui/button.tsx'
import { CopyText } from './copy-text.tsx'
import classes from './run.module.css'

type FailurePanelProps = {
  readonly words: FailureWords
  readonly issues: readonly FieldIssue[]
  readonly runId: string | null
  readonly requestId: string | null
  readonly onMend: (mend: Mend) => void
}

/** Every failure says four things: what happened, whose it is, what it cost, and what mends it. */
export function FailurePanel({ words, issues, runId, requestId, onMend }: FailurePanelProps) {
  const reference = runId ?? requestId
  return (
    <div className={classes.failure}>
      <dl className={classes.failureLines}>
        <div>
          <dt>What happened</dt>
          <dd>
            <strong>{words.what}</strong>
            {words.why !== null && <p className={classes.reason}>{words.why}</p>}
            {issues.length > 0 && (
              <ul className={classes.issues}>
                {issues.map((issue) => (
                  <li key={`${issue.path} ${issue.message}`}>
                    <code>{issue.path}</code> {issue.message}
                  </li>
                ))}
              </ul>
            )}
          </dd>
        </div>
        <div>
          <dt>Whose it is</dt>
          <dd>{words.whose}</dd>
        </div>
        <div>
          <dt>What it cost</dt>
          <dd>{words.cost}</dd>
        </div>
        <div>
          <dt>What to do</dt>
          <dd>{words.next}</dd>
        </div>
      </dl>
      <Button onClick={() => onMend(words.mend.kind)}>{words.mend.label}</Button>
      <p className={classes.reference}>
        <span>
          Code <code>{words.code}</code>
        </span>
        {reference !== null && (
          <span>
            {runId === null ? 'Request' : 'Run'} <code>{reference}</code>
          </span>
        )}
        <CopyText
          text={reference === null ? words.code : `${words.code} ${reference}`}
          label="Copy"
          what="code and id"
        />
      </p>
    </div>
  )
}
