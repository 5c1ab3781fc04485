'use client'
import { useEffect, useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { PendingCorner } from './pending-corner.tsx'
import { PersonCorner, type CornerPerson } from './person-corner.tsx'
import { VisitorCorner } from './visitor-corner.tsx'

/** The corner of a browser that says it has a session: whose it is, the API says. */
export function KnownCorner() {
  const [person, setPerson] = useState<CornerPerson | 'nobody' | null>(null)
  useEffect(() => {
    let isHere = true
    void ask(api.GET('/api/me')).then((answer) => {
      if (isHere) setPerson(answer.ok ? answer.data : 'nobody')
    })
    return () => {
      isHere = false
    }
  }, [])
  if (person === null) return <PendingCorner />
  return person === 'nobody' ? <VisitorCorner /> : <PersonCorner person={person} />
}
