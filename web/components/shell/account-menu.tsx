'use client'
import Link from 'next/link'
import { useEffect, useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { signOutHere } from '../../lib/sign-in.ts'
import classes from './corner.module.css'
import type { CornerPerson } from './person-corner.tsx'

type Account = { readonly id?: string; readonly name?: string; readonly role?: string; readonly isCurrent?: boolean }

/** Who somebody is, whom they may act for, and the way out. */
export function AccountMenu({ person }: { readonly person: CornerPerson }) {
  const [accounts, setAccounts] = useState<readonly Account[]>([])
  useEffect(() => {
    let isHere = true
    void ask(api.GET('/api/accounts', { params: { query: { limit: 100 } } })).then((answer) => {
      if (isHere && answer.ok) setAccounts(answer.data.items)
    })
    return () => {
      isHere = false
    }
  }, [])
  const actFor = async (accountId: string) => {
    const answer = await ask(api.PUT('/api/sessions/current/account', { body: { accountId } }))
    // What is on the page belongs to the account before.
    if (answer.ok) window.location.assign('/home')
  }
  return (
    <>
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
    </>
  )
}
