'use client'
import { Bell as BellIcon } from 'lucide-react'
import Link from 'next/link'
import { notificationWords } from '../../lib/notification-words.ts'
import { ageWords } from '../../lib/time-words.ts'
import classes from './corner.module.css'
import { Disclosure } from './disclosure.tsx'
import shell from './shell.module.css'
import { markRead, type Notification } from './use-news.ts'

type BellProps = { readonly news: { readonly told: readonly Notification[]; readonly unread: number } }

/** What somebody was told of, newest first; a dot while there is something unread. */
export function Bell({ news: { told, unread } }: BellProps) {
  return (
    <Disclosure
      label={unread === 0 ? 'Notifications' : `Notifications: ${unread} unread`}
      className={`${shell.icon} ${classes.bell}`}
      face={
        <>
          <BellIcon size={18} aria-hidden />
          {unread > 0 && <span className={classes.dot} />}
        </>
      }
    >
      <p className={classes.title}>Notifications</p>
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
    </Disclosure>
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
