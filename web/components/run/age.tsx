'use client'
import { useEffect, useState } from 'react'
import { ageWords } from '../../lib/time-words.ts'

/** How long ago something was; the time itself on hover. The server does not know the reader's clock, so it says the day. */
export function Age({ at }: { readonly at: string }) {
  const [nowMs, setNow] = useState<number | null>(null)
  useEffect(() => {
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 30_000)
    return () => clearInterval(timer)
  }, [])
  return (
    <time dateTime={at} title={nowMs === null ? undefined : new Date(at).toLocaleString()}>
      {nowMs === null ? at.slice(0, 10) : `${ageWords(Date.parse(at), nowMs)} ago`}
    </time>
  )
}
