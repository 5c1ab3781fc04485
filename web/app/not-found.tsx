import { Compass } from 'lucide-react'
import type { Metadata } from 'next'
import { Page } from '../components/shell/page.tsx'
import { Shell } from '../components/shell/shell.tsx'
import { PublicCorner } from '../components/shell/public-corner.tsx'
import { EmptyState } from '../components/states/empty-state.tsx'
import { LinkButton } from '../components/ui/link-button.tsx'

export const metadata: Metadata = { title: 'Not found', robots: { index: false } }

/** An address that leads nowhere, also one that is not for whoever asks. */
export default function NotFound() {
  return (
    <Shell corner={<PublicCorner />}>
      <Page isNarrow>
        <EmptyState
          heading="h1"
          icon={Compass}
          title="There is nothing at this address"
          text="It may have been moved or deleted, or it belongs to an account that you are not acting for."
        >
          <LinkButton href="/agents">Explore agents</LinkButton>
          <LinkButton href="/" variant="default">
            Start page
          </LinkButton>
        </EmptyState>
      </Page>
    </Shell>
  )
}
