'use client'
import dynamic from 'next/dynamic'
import { useEffect, useState } from 'react'
import { isRecord } from '../../lib/is-record.ts'
import classes from './corner.module.css'
import { PendingCorner } from './pending-corner.tsx'
import { VisitorCorner } from './visitor-corner.tsx'

// Most who see a public page are not signed in, and load nothing for those who are.
const KnownCorner = dynamic(() => import('./known-corner.tsx').then((module) => module.KnownCorner), {
  ssr: false,
  loading: () => <PendingCorner />,
})

/** Top right on pages that are the same for everybody: who is there is found out by the browser. One without a session
 * asks the session's own address, which answers 200 to visitors too (asking `/api/me` would put a 401 in every visitor's
 * console): by Back comes the page of before somebody signed in.
 * @param hasSession the browser sent one, so nobody is told to sign in who has */
export function PublicCorner({ hasSession }: { readonly hasSession: boolean }) {
  const [isKnown, setKnown] = useState(hasSession)
  useEffect(() => {
    if (hasSession) return
    const life = new AbortController()
    void isSomebodyThere(life.signal).then((isThere) => {
      if (!life.signal.aborted) setKnown(isThere)
    })
    return () => life.abort()
  }, [hasSession])
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
