'use client'
import dynamic from 'next/dynamic'
import classes from './corner.module.css'
import { Icon } from '../ui/icon.tsx'
import { Disclosure } from './disclosure.tsx'
import shell from './shell.module.css'
import type { Notification } from './use-news.ts'

// Loaded by whoever opens it.
const BellList = dynamic(() => import('./bell-list.tsx').then((module) => module.BellList), {
  ssr: false,
  loading: () => <p className={classes.item}>Loading …</p>,
})

type BellProps = { readonly news: { readonly told: readonly Notification[]; readonly unread: number } }

/** What somebody was told of, newest first; a dot while there is something unread. */
export function Bell({ news: { told, unread } }: BellProps) {
  return (
    <Disclosure
      label={unread === 0 ? 'Notifications' : `Notifications: ${unread} unread`}
      className={`${shell.icon} ${classes.bell}`}
      face={
        <>
          <Icon name="bell" size={18} />
          {unread > 0 && <span className={classes.dot} />}
        </>
      }
    >
      <p className={classes.title}>Notifications</p>
      <BellList told={told} unread={unread} />
    </Disclosure>
  )
}
