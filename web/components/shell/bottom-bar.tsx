import { CircleUser, Compass, Play, Wallet } from 'lucide-react'
import classes from './shell.module.css'
import { NavLink } from './nav-link.tsx'

/** The phone's way around. */
export function BottomBar() {
  return (
    <nav className={classes.bottom} aria-label="Main">
      <NavLink href="/agents">
        <Compass size={20} aria-hidden />
        Explore
      </NavLink>
      <NavLink href="/runs">
        <Play size={20} aria-hidden />
        Runs
      </NavLink>
      <NavLink href="/credits">
        <Wallet size={20} aria-hidden />
        Credits
      </NavLink>
      <NavLink href="/account">
        <CircleUser size={20} aria-hidden />
        Me
      </NavLink>
    </nav>
  )
}
