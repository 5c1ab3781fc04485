'use client'
import { useMantineColorScheme } from '@mantine/core'
import classes from './shell.module.css'
import { Icon } from '../ui/icon.tsx'

/** Light or dark. Which of the two is shown is decided by the style sheet, so that the server need not know. */
export function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme()
  const toggle = () =>
    setColorScheme(document.documentElement.dataset['mantineColorScheme'] === 'dark' ? 'light' : 'dark')
  return (
    <button type="button" className={classes.icon} onClick={toggle} aria-label="Switch between light and dark">
      <Icon name="moon" size={18} className={classes.whenLight} />
      <Icon name="sun" size={18} className={classes.whenDark} />
    </button>
  )
}
