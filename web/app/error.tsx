'use client'
import { useEffect } from 'react'
import { Page } from '../components/shell/page.tsx'
import shell from '../components/shell/shell.module.css'
import classes from '../components/states/states.module.css'
import { Button } from '../components/ui/button.tsx'
import { followScheme } from '../lib/color-scheme.ts'

/** A page that failed while it was made. Next.js gives the digest under which the server logged why. Of few parts: every
 * page loads it, and should the rest not come it is what is left. */
export default function ErrorPage({ error }: { readonly error: Error & { digest?: string } }) {
  // Made anew in the browser, where the script in the head of a page does not run.
  useEffect(followScheme, [])
  return (
    <>
      {/* Also where the frame of the page failed with it: never without a way home. */}
      <header className={shell.top}>
        <div className={shell.topInner}>
          <a href="/" className={shell.name}>
            Bureau
          </a>
        </div>
      </header>
      <main>
        <Page isNarrow>
          <section className={classes.failure} role="alert">
            <h1>This page could not be shown</h1>
            <p>
              It is this site’s fault, not yours. Nothing was charged by it. Try again; if it stays, tell the operator
              the code below.
            </p>
            {/* The whole page: Next.js would draw again what it has, which is the failure. */}
            <div className={classes.actions}>
              <Button size="sm" variant="default" onClick={() => window.location.reload()}>
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
      </main>
    </>
  )
}
