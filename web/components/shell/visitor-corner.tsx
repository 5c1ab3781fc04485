import { LinkButton } from '../ui/link-button.tsx'
import classes from './corner.module.css'

/** Top right for somebody who is not signed in. */
export function VisitorCorner() {
  return (
    <LinkButton href="/sign-in" size="sm" variant="default" className={classes.visitor}>
      Sign in
    </LinkButton>
  )
}
