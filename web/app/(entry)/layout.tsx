import Link from 'next/link'
import type { ReactNode } from 'react'
import { Mark } from '../../components/shell/mark.tsx'
import { OfflineNotice } from '../../components/shell/offline-notice.tsx'
import { SchemeToggle } from '../../components/shell/scheme-toggle.tsx'
import shell from '../../components/shell/shell.module.css'
import classes from '../../components/entry/entry.module.css'

/** Pages at the door: one thing to do, and nothing around it that leads away. */
export default function EntryLayout({ children }: { readonly children: ReactNode }) {
  return (
    <div className={classes.frame}>
      <header className={classes.top}>
        <Link href="/" className={shell.name}>
          <Mark /> Bureau
        </Link>
        <SchemeToggle />
      </header>
      <main className={classes.middle}>{children}</main>
      <footer className={classes.foot}>
        <Link href="/terms">Terms</Link>
        <Link href="/privacy">Privacy</Link>
      </footer>
      <OfflineNotice />
    </div>
  )
}
