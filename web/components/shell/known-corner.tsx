'use client'
import { useEffect, useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { PersonCorner, type CornerPerson } from './person-corner.tsx'
import { VisitorCorner } from './visitor-corner.tsx'

/** The corner of a browser that says it has a session: whose it is, the API says. */
export function KnownCorner() {
  const [person, setPerson] = useState<CornerPerson | null>(null)
  useEffect(() => {
    let isHere = true
    void ask(api.GET('/api/me')).then((answer) => {
      if (isHere && answer.ok) setPerson(answer.data)
    })
    return () => {
      isHere = false
    }
  }, [])
  return person === null ? <VisitorCorner /> : <PersonCorner person={person} />
}
