import classes from './corner.module.css'

/** Keeps the place of somebody who is signed in until it is known who. */
export function PendingCorner() {
  return <span className={classes.pending} />
}
