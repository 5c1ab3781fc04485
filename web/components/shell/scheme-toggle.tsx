'use client'
import { useEffect } from 'react'
import { followScheme, switchScheme } from '../../lib/color-scheme.ts'
import classes from './shell.module.css'
import { Icon } from '../ui/icon.tsx'

/** Light or dark. Which of the two is shown is decided by the style sheet, so that the server need not know. */
export function SchemeToggle() {
  useEffect(followScheme, [])
  return (
    <button type="button" className={classes.icon} onClick={switchScheme} aria-label="Switch between light and dark">
      <Icon name="moon" size={18} className={classes.whenLight} />
      <Icon name="sun" size={18} className={classes.whenDark} />
    </button>
  )
}
