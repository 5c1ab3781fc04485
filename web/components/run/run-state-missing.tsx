import { OutputHead } from './output-head.tsx'
import type { RunStateProps } from './run-state.tsx'
import classes from './run.module.css'

/** Where the connection was lost before this page had loaded what a run is shown with. */
export function RunStateMissing({ headRef }: Pick<RunStateProps, 'headRef'>) {
  return (
    <>
      <OutputHead headRef={headRef} title="Not shown" />
      <p className={classes.notice} role="alert">
        This site cannot be reached. What you typed is kept, and a run that was started goes on.{' '}
        <button type="button" className={classes.retry} onClick={() => window.location.reload()}>
          Load the page again
        </button>
      </p>
    </>
  )
}
