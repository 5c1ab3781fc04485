import type { ReactNode } from 'react'
import type { Problem } from '../../lib/problem.ts'
import { Button } from '../ui/button.tsx'
import { CopyFacts } from './copy-facts.tsx'
import classes from './states.module.css'

type FailureProps = {
  readonly problem: Pick<Problem, 'code' | 'title' | 'fix' | 'requestId'>
  /** Tries the same again; shown as a button when given. */
  readonly onRetry?: () => void
  /** What it cost, where something could have. */
  readonly cost?: string
  /** A better way on than trying again. */
  readonly children?: ReactNode
}

/** What failed, what to do, the button that does it, and what to tell the operator. */
export function Failure({ problem, onRetry, cost, children }: FailureProps) {
  const { code, title, fix, requestId } = problem
  return (
    <section className={classes.failure} role="alert">
      <h2>{title}</h2>
      <p>{fix}</p>
      {cost !== undefined && <p>{cost}</p>}
      {(onRetry !== undefined || children !== undefined) && (
        <div className={classes.actions}>
          {onRetry !== undefined && (
            <Button size="sm" variant="default" onClick={onRetry}>
              Try again
            </Button>
          )}
          {children}
        </div>
      )}
      <div className={classes.facts}>
        <span>
          Code <code>{code}</code>
        </span>
        {requestId !== null && (
          <span>
            Request <code>{requestId}</code>
          </span>
        )}
        <CopyFacts text={requestId === null ? code : `${code} ${requestId}`} />
      </div>
    </section>
  )
}
