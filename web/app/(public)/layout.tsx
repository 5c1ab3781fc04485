import type { ReactNode } from 'react'
import { Shell } from '../../components/shell/shell.tsx'
import { PublicCorner } from '../../components/shell/public-corner.tsx'

/** Pages for everybody: the same for all who ask, so that they can be kept. */
export default function PublicLayout({ children }: { readonly children: ReactNode }) {
  return <Shell corner={<PublicCorner />}>{children}</Shell>
}
