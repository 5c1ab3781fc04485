import { Compass } from 'lucide-react'
import { LinkButton } from '../ui/link-button.tsx'
import { EmptyState } from './empty-state.tsx'

/** An address that leads nowhere, also one that is not for whoever asks. */
export function NothingHere() {
  return (
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
  )
}
