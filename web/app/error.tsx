'use client'
import { Page } from '../components/shell/page.tsx'
import classes from '../components/states/states.module.css'
import { Button } from '../components/ui/button.tsx'

/** A page that failed while it was made. Next.js gives the digest under which the server logged why. Of few parts: every
 * page loads it, and should the rest not come it is what is left. */
export default function ErrorPage({
  error,
  reset,
}: {
  readonly error: Error & { digest?: string }
  readonly reset: () => void
}) {
  return (
    <Page isNarrow>
      <section className={classes.failure} role="alert">
        <h1>This page could not be shown</h1>
        <p>
          It is this site’s fault, not yours. Nothing was charged by it. Try again; if it stays, tell the operator the
          code below.
        </p>
        <div className={classes.actions}>
          <Button size="sm" variant="default" onClick={reset}>
            Try again
          </Button>
        </div>
        <div className={classes.facts}>
          <span>
            Code <code>PAGE_FAILED</code>
          </span>
          {error.digest !== undefined && (
            <span>
              Request <code>{error.digest}</code>
            </span>
          )}
        </div>
      </section>
    </Page>
  )
}
