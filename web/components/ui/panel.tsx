import type { ReactNode } from 'react'
import classes from './ui.module.css'

type PanelProps = {
  readonly title: string
  readonly text?: ReactNode
  readonly action?: ReactNode
  /** For links to this part of the page. */
  readonly id?: string
  readonly children: ReactNode
}

/** A titled part of a page. */
export function Panel({ title, text, action, id, children }: PanelProps) {
  return (
    <section className={classes.panel} id={id} aria-label={title}>
      <div className={classes.head}>
        <div>
          <h2>{title}</h2>
          {text !== undefined && <p>{text}</p>}
        </div>
        {action}
      </div>
      <div className={classes.body}>{children}</div>
    </section>
  )
}

/** The head of a page: what it is, a sentence, and what is done most here. */
export function PageHead(props: { readonly title: string; readonly text?: ReactNode; readonly children?: ReactNode }) {
  return (
    <div className={classes.pageHead}>
      <div>
        <h1>{props.title}</h1>
        {props.text !== undefined && <p>{props.text}</p>}
      </div>
      {props.children}
    </div>
  )
}

/** One line of a list: what it is, what to know of it, what to do with it. */
export function Row(props: { readonly title: ReactNode; readonly note?: ReactNode; readonly children?: ReactNode }) {
  return (
    <li className={classes.row}>
      <div className={classes.rowText}>
        <div className={classes.rowTitle}>{props.title}</div>
        {props.note !== undefined && <div className={classes.rowNote}>{props.note}</div>}
      </div>
      {props.children}
    </li>
  )
}

export function Rows({ children }: { readonly children: ReactNode }) {
  return <ul className={classes.rows}>{children}</ul>
}
