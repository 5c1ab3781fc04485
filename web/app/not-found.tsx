import type { Metadata } from 'next'
import { Page } from '../components/shell/page.tsx'
import { PublicCorner } from '../components/shell/public-corner.tsx'
import { Shell } from '../components/shell/shell.tsx'
import { NothingHere } from '../components/states/nothing-here.tsx'

export const metadata: Metadata = { title: 'Not found', robots: { index: false } }

/** Of an address outside every layout: with a frame of its own. */
export default function NotFound() {
  return (
    <Shell corner={<PublicCorner />}>
      <Page isNarrow>
        <NothingHere />
      </Page>
    </Shell>
  )
}
