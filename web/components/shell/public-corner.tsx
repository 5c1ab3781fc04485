'use client'
import { useEffect, useState } from 'react'
import { isRecord } from '../../lib/is-record.ts'
import { api, ask } from '../../lib/api.ts'
import classes from './corner.module.css'
import { PersonCorner, type CornerPerson } from './person-corner.tsx'
import { VisitorCorner } from './visitor-corner.tsx'

/** Top right on pages that are the same for everybody: who is there is found out by the browser. Visitors are known by the
 * session's own address, which answers 200 to them too; asking `/api/me` first would put a 401 in every visitor's console. */
export function PublicCorner() {
  const [person, setPerson] = useState<CornerPerson | null>(null)
  useEffect(() => {
    const life = new AbortController()
    void whoIsThere(life.signal).then((found) => {
      if (!life.signal.aborted) setPerson(found)
    })
    return () => life.abort()
  }, [])
  return <div className={classes.corner}>{person === null ? <VisitorCorner /> : <PersonCorner person={person} />}</div>
}

async function whoIsThere(signal: AbortSignal): Promise<CornerPerson | null> {
  try {
    const response = await fetch('/api/auth/session', { credentials: 'same-origin', signal })
    const session: unknown = response.ok ? await response.json() : null
    if (!isRecord(session) || Object.keys(session).length === 0) return null
    const answer = await ask(api.GET('/api/me', { signal }))
    return answer.ok ? answer.data : null
  } catch {
    // Offline, or left before the answer: the page says nothing about who is there.
    return null
  }
}
