'use client'
import { Page } from '../components/shell/page.tsx'
import { Failure } from '../components/states/failure.tsx'

/** A page that failed while it was made. Next.js gives the digest under which the server logged why. */
export default function ErrorPage({
  error,
  reset,
}: {
  readonly error: Error & { digest?: string }
  readonly reset: () => void
}) {
  return (
    <Page isNarrow>
      <Failure
        problem={{
          code: 'PAGE_FAILED',
          title: 'This page could not be shown',
          fix: 'It is this site’s fault, not yours. Nothing was charged by it. Try again; if it stays, tell the operator the code below.',
          requestId: error.digest ?? null,
        }}
        onRetry={reset}
      />
    </Page>
  )
}
