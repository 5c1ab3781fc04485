import type { ReactNode, RefObject } from 'react'
import classes from './run.module.css'

type OutputHeadProps = {
  readonly headRef: RefObject<HTMLHeadingElement | null>
  readonly title: ReactNode
  /** Its name where the title is more than words: read out whole, without the gaps between its parts. */
  readonly name?: string
  readonly children?: ReactNode
}

/** What stands above an output: a heading that can take the focus, and what one can do with it. */
export function OutputHead({ headRef, title, name, children }: OutputHeadProps) {
  return (
    <header className={classes.head}>
      <h2 ref={headRef} tabIndex={-1} aria-label={name} className={classes.title}>
        {title}
      </h2>
      {children}
    </header>
  )
}
