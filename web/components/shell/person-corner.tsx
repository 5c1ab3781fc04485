'use client'
import dynamic from 'next/dynamic'
import Link from 'next/link'
import { creditWords } from '../../lib/credits.ts'
import { Bell } from './bell.tsx'
import classes from './corner.module.css'
import { Disclosure } from './disclosure.tsx'
import shell from './shell.module.css'
import { useLiveUpdates } from './use-live-updates.ts'
import { useNews } from './use-news.ts'

// Loaded by whoever opens it. Where it does not come the page stays as it is.
const AccountMenu = dynamic(
  () =>
    import('./account-menu.tsx').then(
      (module) => module.AccountMenu,
      () => MenuMissing,
    ),
  { ssr: false, loading: () => <p className={classes.item}>Loading …</p> },
)

/** What the corner has to know of who is signed in. */
export type CornerPerson = {
  readonly user: { readonly name: string; readonly email: string }
  readonly account: { readonly id: string; readonly name: string }
  readonly permissions: readonly string[]
}

/** Top right for somebody who is signed in: what they have, what they were told of, and who they act for. */
export function PersonCorner({ person }: { readonly person: CornerPerson }) {
  const news = useNews(person.permissions)
  useLiveUpdates(person.account.id)
  return (
    <div className={classes.corner}>
      {news.available !== null && (
        <Link
          href="/credits"
          className={news.isLow ? `${classes.chip} ${classes.low}` : classes.chip}
          title={news.isLow ? 'Less than the last day’s spend' : undefined}
        >
          {creditWords(news.available)}
          {news.isLow && <span className="sr-only">, less than the last day’s spend</span>}
        </Link>
      )}
      <Bell news={news} />
      <Disclosure
        label={`${person.user.name}, acting for ${person.account.name}`}
        className={shell.icon ?? ''}
        face={
          <span className={classes.avatar} aria-hidden="true">
            {initial(person.user.name)}
          </span>
        }
      >
        <AccountMenu person={person} />
      </Disclosure>
    </div>
  )
}

function MenuMissing() {
  return <p className={classes.item}>This site cannot be reached. Load the page again once it can.</p>
}

/** The first letter of a name, whole: an emoji is more than one unit. */
function initial(name: string): string {
  return (/^./u.exec(name.trim())?.[0] ?? '?').toUpperCase()
}
