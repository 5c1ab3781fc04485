import type { ReactNode } from 'react'
import classes from './entry.module.css'

type EntryCardProps = {
  readonly title: string
  readonly text?: ReactNode
  /** Other ways, below the card. */
  readonly aside?: ReactNode
  readonly children: ReactNode
}

export function EntryCard({ title, text, aside, children }: EntryCardProps) {
  return (
    <div style={{ width: '100%', maxWidth: '26rem' }}>
      <section className={classes.card}>
        <h1>{title}</h1>
        <p className={classes.lead}>{text}</p>
        {children}
      </section>
      {aside !== undefined && <p className={classes.aside}>{aside}</p>}
    </div>
  )
}
