import type { ReactNode } from 'react'
import { Shell } from '../../components/shell/shell.tsx'
import { VisitorCorner } from '../../components/shell/visitor-corner.tsx'

/** Pages for everybody: the same for all who ask, so that they can be kept. */
export default function PublicLayout({ children }: { readonly children: ReactNode }) {
  return <Shell corner={<VisitorCorner />}>{children}</Shell>
}
