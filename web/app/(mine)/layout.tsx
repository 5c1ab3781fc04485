import type { ReactNode } from 'react'
import { PersonCorner } from '../../components/shell/person-corner.tsx'
import { Shell } from '../../components/shell/shell.tsx'
import { VisitorCorner } from '../../components/shell/visitor-corner.tsx'
import { currentPerson } from '../../lib/session.ts'

/** Pages of somebody who is signed in. Each page asks for them itself and sends others to sign in: a layout is not drawn
 * anew on every way between its pages. */
export default async function MineLayout({ children }: { readonly children: ReactNode }) {
  const person = await currentPerson()
  if (person === null) return <Shell corner={<VisitorCorner />}>{children}</Shell>
  return (
    <Shell permissions={person.permissions} corner={<PersonCorner person={person} />}>
      {children}
    </Shell>
  )
}
