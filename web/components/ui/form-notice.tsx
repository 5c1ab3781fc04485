import type { ReactNode } from 'react'
import type { Problem } from '../../lib/problem.ts'
import classes from './ui.module.css'

/** What was wrong with a form as a whole, above its button. */
export function FormNotice({ problem, children }: { readonly problem: Problem | null; readonly children?: ReactNode }) {
  return (
    <div role="alert">
      {problem !== null && (
        <div className={classes.notice}>
          <strong>{problem.title}</strong>
          <p>{problem.fix}</p>
          {children}
          <p className={classes.facts}>
            {problem.code}
            {problem.requestId !== null && ` · ${problem.requestId}`}
          </p>
        </div>
      )}
    </div>
  )
}

/** Says that something worked, to eyes and screen readers. */
export function DoneNotice({ children }: { readonly children: ReactNode }) {
  return (
    <div role="status">
      {children !== null && <div className={`${classes.notice} ${classes.good}`}>{children}</div>}
    </div>
  )
}
