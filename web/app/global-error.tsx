'use client'

/** What is left when even the layout failed: no style sheet, no component that could fail as well. */
export default function GlobalError({ error }: { readonly error: Error & { digest?: string } }) {
  return (
    <html lang="en">
      <head>
        <title>This page could not be shown · Bureau</title>
      </head>
      <body>
        <main>
          <h1>This page could not be shown</h1>
          <p>It is this site’s fault, not yours. Try again; if it stays, tell the operator the code PAGE_FAILED.</p>
          {error.digest !== undefined && <p>Request {error.digest}</p>}
          <p>
            <button type="button" onClick={() => window.location.reload()}>
              Try again
            </button>{' '}
            <a href="/">Go to the start page</a>
          </p>
        </main>
      </body>
    </html>
  )
}
