import type { LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import classes from './states.module.css'

type EmptyStateProps = {
  readonly icon?: LucideIcon
  readonly title: string
  /** What to do here first, in a sentence. */
  readonly text: ReactNode
  /** `h1` where this is all that the page shows. */
  readonly heading?: 'h1' | 'h2'
  /** The way on. An empty state without one is a dead end. */
  readonly children: ReactNode
}

/** There is nothing here yet: what would be, and the button that begins. */
export function EmptyState({ icon: Icon, title, text, heading: Heading = 'h2', children }: EmptyStateProps) {
  return (
    <section className={classes.panel}>
      {Icon !== undefined && (
        <span className={classes.mark}>
          <Icon size={20} aria-hidden />
        </span>
      )}
      <Heading>{title}</Heading>
      <p>{text}</p>
      <div className={classes.actions}>{children}</div>
    </section>
  )
}
