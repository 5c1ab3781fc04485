'use client'
import dynamic from 'next/dynamic'
import { useEffect, useState } from 'react'
import classes from './shell.module.css'
import { Icon } from '../ui/icon.tsx'

// Loaded when it is first asked for: most visits never do.
const Palette = dynamic(() => import('./palette.tsx').then(({ Palette: component }) => component), { ssr: false })

/** Opens the palette; so do `/` outside of fields, and Ctrl-K or Cmd-K anywhere. */
export function SearchButton() {
  const [isWanted, setWanted] = useState(false)
  useEffect(() => {
    if (isWanted) return
    const onKey = (event: KeyboardEvent) => {
      if (!opensPalette(event)) return
      event.preventDefault()
      setWanted(true)
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [isWanted])
  const open = () => {
    if (isWanted) void import('./palette.tsx').then(({ openPalette }) => openPalette())
    setWanted(true)
  }
  return (
    <>
      <button
        type="button"
        className={classes.search}
        onClick={open}
        aria-label="Search"
        aria-keyshortcuts="/ Control+K"
      >
        <Icon name="search" size={16} />
        <span>Search</span>
        <kbd aria-hidden="true">/</kbd>
      </button>
      {isWanted && <Palette />}
    </>
  )
}

function opensPalette(event: KeyboardEvent): boolean {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') return true
  const { target } = event
  const isTyping =
    target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))
  return event.key === '/' && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey
}
