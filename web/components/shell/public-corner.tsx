'use client'
import dynamic from 'next/dynamic'
import { useEffect, useState } from 'react'
import { isRecord } from '../../lib/is-record.ts'
import classes from './corner.module.css'
import { VisitorCorner } from './visitor-corner.tsx'

// Most who see a public page are not signed in, and load nothing for those who are.
const KnownCorner = dynamic(() => import('./known-corner.tsx').then((module) => module.KnownCorner), {
  ssr: false,
  loading: () => <VisitorCorner />,
})

/** Top right on pages that are the same for everybody: who is there is found out by the browser. Visitors are known by the
 * session's own address, which answers 200 to them too; asking `/api/me` first would put a 401 in every visitor's console. */
export function PublicCorner() {
  const [isKnown, setKnown] = useState(false)
  useEffect(() => {
    const life = new AbortController()
    void isSomebodyThere(life.signal).then((isThere) => {
      if (!life.signal.aborted) setKnown(isThere)
    })
    return () => life.abort()
  }, [])
  return <div className={classes.corner}>{isKnown ? <KnownCorner /> : <VisitorCorner />}</div>
}

async function isSomebodyThere(signal: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch('/api/auth/session', { credentials: 'same-origin', signal })
    const session: unknown = response.ok ? await response.json() : null
    return isRecord(session) && Object.keys(session).length > 0
  } catch {
    // Offline, or left before the answer: the page says nothing about who is there.
    return false
  }
}
