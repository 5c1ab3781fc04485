'use client'
import { useMantineColorScheme } from '@mantine/core'
import { Moon, Sun } from 'lucide-react'
import classes from './shell.module.css'

/** Light or dark. Which of the two is shown is decided by the style sheet, so that the server need not know. */
export function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme()
  const toggle = () =>
    setColorScheme(document.documentElement.dataset['mantineColorScheme'] === 'dark' ? 'light' : 'dark')
  return (
    <button type="button" className={classes.icon} onClick={toggle} aria-label="Switch between light and dark">
      <Moon size={18} className={classes.whenLight} aria-hidden />
      <Sun size={18} className={classes.whenDark} aria-hidden />
    </button>
  )
}
