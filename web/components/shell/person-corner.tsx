'use client'
import Link from 'next/link'
import { useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { creditWords } from '../../lib/credits.ts'
import { Bell } from './bell.tsx'
import classes from './corner.module.css'
import { Disclosure } from './disclosure.tsx'
import shell from './shell.module.css'
import { useLiveUpdates } from './use-live-updates.ts'
import { useNews } from './use-news.ts'

// Loaded with the menu that it stands in.
const loadSignIn = () => import('../../lib/sign-in.ts')

/** What the corner has to know of who is signed in. */
export type CornerPerson = {
  readonly user: { readonly name: string; readonly email: string }
  readonly account: { readonly id: string; readonly name: string }
  readonly permissions: readonly string[]
}
type Account = { readonly id?: string; readonly name?: string; readonly role?: string; readonly isCurrent?: boolean }

/** Top right for somebody who is signed in: what they have, what they were told of, and who they act for. */
export function PersonCorner({ person }: { readonly person: CornerPerson }) {
  const news = useNews(person.permissions)
  useLiveUpdates(person.account.id)
  const [accounts, setAccounts] = useState<readonly Account[]>([])
  const openMenu = () => {
    // Should it not come now, pressing the button asks for it again.
    loadSignIn().catch(() => undefined)
    void ask(api.GET('/api/accounts', { params: { query: { limit: 100 } } })).then((answer) => {
      if (answer.ok) setAccounts(answer.data.items)
    })
  }
  const signOut = () => {
    // What cannot be loaded is a site that cannot be reached, which the page says.
    loadSignIn().then(
      ({ signOutHere }) => signOutHere('/'),
      () => undefined,
    )
  }
  const actFor = async (accountId: string) => {
    const answer = await ask(api.PUT('/api/sessions/current/account', { body: { accountId } }))
    // What is on the page belongs to the account before.
    if (answer.ok) window.location.assign('/home')
  }
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
        onOpen={openMenu}
      >
        <div className={classes.who}>
          <strong>{person.user.name}</strong>
          <span>{person.user.email}</span>
        </div>
        <p className={classes.title}>Account</p>
        <ul className={classes.list}>
          {(accounts.length === 0 ? [{ ...person.account, role: '', isCurrent: true }] : accounts).map((account) => (
            <li key={account.id}>
              <button
                type="button"
                className={classes.item}
                aria-current={account.isCurrent === true}
                onClick={() => void (account.id !== undefined && account.isCurrent !== true && actFor(account.id))}
              >
                <span>{account.name}</span>
                <small>{account.isCurrent === true ? 'current' : account.role}</small>
              </button>
            </li>
          ))}
        </ul>
        <div className={classes.end}>
          <Link href="/home" className={classes.item}>
            Home
          </Link>
          <Link href="/account" className={classes.item}>
            Account and security
          </Link>
          <button type="button" className={classes.item} onClick={signOut}>
            Sign out
          </button>
        </div>
      </Disclosure>
    </div>
  )
}

/** The first letter of a name, whole: an emoji is more than one unit. */
function initial(name: string): string {
  return (/^./u.exec(name.trim())?.[0] ?? '?').toUpperCase()
}
