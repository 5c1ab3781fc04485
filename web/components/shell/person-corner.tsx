'use client'
import Link from 'next/link'
import { useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { creditWords } from '../../lib/credits.ts'
import { runStatusWords } from '../../lib/run-status-words.ts'
import { signOutHere } from '../../lib/sign-in.ts'
import { ageWords } from '../../lib/time-words.ts'
import classes from './corner.module.css'
import { Disclosure } from './disclosure.tsx'
import shell from './shell.module.css'
import { useLiveUpdates } from './use-live-updates.ts'
import { seeRuns, useNews } from './use-news.ts'
import { Icon } from '../ui/icon.tsx'

/** What the corner has to know of who is signed in. */
export type CornerPerson = {
  readonly user: { readonly name: string; readonly email: string }
  readonly account: { readonly id: string; readonly name: string }
  readonly permissions: readonly string[]
}
type Account = { readonly id?: string; readonly name?: string; readonly role?: string; readonly isCurrent?: boolean }

/** Top right for somebody who is signed in: what they have, what has ended since they looked, and who they act for. */
export function PersonCorner({ person }: { readonly person: CornerPerson }) {
  const news = useNews(person.permissions)
  useLiveUpdates(person.account.id)
  const [accounts, setAccounts] = useState<readonly Account[]>([])
  const [isOpen, setOpen] = useState(false)
  const loadAccounts = () =>
    void ask(api.GET('/api/accounts', { params: { query: { limit: 100 } } })).then((answer) => {
      if (answer.ok) setAccounts(answer.data.items)
    })
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
      <Disclosure
        label={news.isUnseen ? 'Runs that ended: there are new ones' : 'Runs that ended'}
        className={`${shell.icon} ${classes.bell}`}
        face={
          <>
            <Icon name="bell" size={18} />
            {news.isUnseen && !isOpen && <span className={classes.dot} />}
          </>
        }
        onOpen={() => {
          seeRuns(news.runs)
          setOpen(true)
        }}
      >
        <p className={classes.title}>Runs that ended</p>
        <ul className={classes.list}>
          {news.runs.map((run) => (
            <li key={run.runId}>
              <Link href={`/runs/${run.runId}`} className={classes.item}>
                <span>
                  {runStatusWords(run.status)}, {creditWords(run.charge)}
                </span>
                <small>{ageWords(Date.parse(run.finishedAt), Date.now())} ago</small>
              </Link>
            </li>
          ))}
          {news.runs.length === 0 && <li className={classes.item}>None yet. What you run is told here.</li>}
        </ul>
        <div className={classes.end}>
          <Link href="/runs" className={classes.item}>
            All runs
          </Link>
        </div>
      </Disclosure>
      <Disclosure
        label={`${person.user.name}, acting for ${person.account.name}`}
        className={shell.icon ?? ''}
        face={
          <span className={classes.avatar} aria-hidden="true">
            {initial(person.user.name)}
          </span>
        }
        onOpen={loadAccounts}
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
          <button type="button" className={classes.item} onClick={() => void signOutHere('/')}>
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
