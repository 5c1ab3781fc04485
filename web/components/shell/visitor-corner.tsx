import { LinkButton } from '../ui/link-button.tsx'

/** Top right for somebody who is not signed in. */
export function VisitorCorner() {
  return (
    <LinkButton href="/sign-in" size="sm" variant="default" ml="xs">
      Sign in
    </LinkButton>
  )
}
