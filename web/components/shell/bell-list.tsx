'use client'
import Link from 'next/link'
import { markRead } from '../../lib/mark-read.ts'
import { notificationWords } from '../../lib/notification-words.ts'
import { ageWords } from '../../lib/time-words.ts'
import classes from './corner.module.css'
import type { Notification } from './use-news.ts'

type BellListProps = { readonly told: readonly Notification[]; readonly unread: number }

/** What the bell tells, once it is opened. */
export function BellList({ told, unread }: BellListProps) {
  return (
    <>
      <ul className={classes.list}>
        {told.map((each) => (
          <li key={each.id}>
            <Told notification={each} />
          </li>
        ))}
        {told.length === 0 && (
          <li className={classes.item}>
            None yet. Runs that end while you are away, and what you should know, stand here.
          </li>
        )}
      </ul>
      <div className={classes.end}>
        {unread > 0 && (
          <button type="button" className={classes.item} onClick={() => void markRead()}>
            Mark all as read
          </button>
        )}
        <Link href="/runs" className={classes.item}>
          All runs
        </Link>
      </div>
    </>
  )
}

function Told({ notification }: { readonly notification: Notification }) {
  const { id, isRead, createdAt } = notification
  const { text, href } = notificationWords(notification)
  return (
    <Link
      href={href}
      className={classes.item}
      data-unread={!isRead || undefined}
      onClick={() => void (isRead || markRead([id]))}
    >
      <span>
        {!isRead && <span className="sr-only">Unread: </span>}
        {text}
      </span>
      <small>{ageWords(Date.parse(createdAt), Date.now())} ago</small>
    </Link>
  )
}
