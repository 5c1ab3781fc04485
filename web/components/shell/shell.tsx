import Link from 'next/link'
import type { ReactNode } from 'react'
import { BottomBar } from './bottom-bar.tsx'
import { Mark } from './mark.tsx'
import { NavLink } from './nav-link.tsx'
import { OfflineNotice } from './offline-notice.tsx'
import { Rail } from './rail.tsx'
import { SchemeToggle } from './scheme-toggle.tsx'
import { SearchButton } from './search-button.tsx'
import classes from './shell.module.css'

type ShellProps = {
  /** What the person may do, on pages that are theirs: the rail shows it. Absent on pages for everybody. */
  readonly permissions?: readonly string[]
  /** Top right: who is signed in. */
  readonly corner: ReactNode
  readonly children: ReactNode
}

/** What stands around every page: skip link, top bar, rail by hat, the phone's bottom bar. A page brings a `Page` (page.tsx). */
export function Shell({ permissions, corner, children }: ShellProps) {
  return (
    <div className={classes.withBottom}>
      <a href="#content" className={classes.skip}>
        Skip to content
      </a>
      <header className={classes.top}>
        <div className={classes.topInner}>
          <Link href="/" className={classes.name}>
            <Mark /> Bureau
          </Link>
          <nav aria-label="Site" className={classes.wide}>
            <NavLink href="/agents" className={classes.link}>
              Explore
            </NavLink>
            {/* A page of the API: not one the site's router could show. */}
            <a href="/docs" className={classes.link}>
              Docs
            </a>
          </nav>
          <span className={classes.space} />
          <SearchButton />
          <SchemeToggle />
          {corner}
        </div>
      </header>
      <div className={classes.frame}>
        {permissions !== undefined && <Rail permissions={permissions} />}
        <main id="content" tabIndex={-1} className={classes.main}>
          {children}
        </main>
      </div>
      <footer className={classes.foot}>
        <a href="/docs">Docs</a>
        <a href="/docs/errors">Errors</a>
        <Link href="/terms">Terms</Link>
        <Link href="/privacy">Privacy</Link>
      </footer>
      <BottomBar />
      <OfflineNotice />
    </div>
  )
}
