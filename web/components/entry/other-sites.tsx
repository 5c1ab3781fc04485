'use client'
import { useEffect, useState } from 'react'
import type { Problem } from '../../lib/problem.ts'
import { listProviders, signInWith } from '../../lib/sign-in.ts'
import { FormNotice } from '../ui/form-notice.tsx'
import { Button } from '../ui/button.tsx'
import classes from './entry.module.css'

/** Signing in by another site, where the operator has set one up. Below the form, so that nothing moves when they come. */
export function OtherSites({ next }: { readonly next: string }) {
  const [providers, setProviders] = useState<readonly { id: string; name: string }[]>([])
  const [problem, setProblem] = useState<Problem | null>(null)
  useEffect(() => {
    const life = new AbortController()
    void listProviders(life.signal).then((found) => {
      if (!life.signal.aborted) setProviders(found)
    })
    return () => life.abort()
  }, [])
  if (providers.length === 0) return null
  return (
    <>
      <div className={classes.or}>or</div>
      <div className={classes.providers}>
        <FormNotice problem={problem} />
        {providers.map(({ id, name }) => (
          <Button
            key={id}
            variant="default"
            size="md"
            fullWidth
            onClick={() => void signInWith(id, next).then(setProblem)}
          >
            Continue with {name}
          </Button>
        ))}
      </div>
    </>
  )
}
