import { cookies } from 'next/headers'
import type { ReactNode } from 'react'
import { Shell } from '../../components/shell/shell.tsx'
import { PublicCorner } from '../../components/shell/public-corner.tsx'

/** Pages for everybody. They are kept for browsers without a session, so all that they may know of anybody is that there
 * is one. */
export default async function PublicLayout({ children }: { readonly children: ReactNode }) {
  const hasSession = (await cookies()).getAll().some(({ name }) => name.includes('next-auth.session-token'))
  return <Shell corner={<PublicCorner hasSession={hasSession} />}>{children}</Shell>
}
