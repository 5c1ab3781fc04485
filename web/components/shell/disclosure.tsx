'use client'
import { usePathname } from 'next/navigation'
import { useEffect, useId, useRef, useState, type ReactNode } from 'react'
import classes from './corner.module.css'

type DisclosureProps = {
  readonly label: string
  readonly className: string
  readonly face: ReactNode
  readonly children: ReactNode
}

/** A button that shows a sheet of links below it. Escape, a click elsewhere, leaving it by Tab and going to another page
 * close it. Links in a list,
 * not an ARIA menu: everything in it stays reachable by Tab, as in any other list. */
export function Disclosure({ label, className, face, children }: DisclosureProps) {
  const [isOpen, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const id = useId()
  const path = usePathname()
  // The frame stays from page to page, and what was chosen in the sheet would lie under it.
  useEffect(() => setOpen(false), [path])
  useEffect(() => {
    if (!isOpen) return
    const outside = (event: Event) => {
      if (event.target instanceof Node && root.current?.contains(event.target) === false) setOpen(false)
    }
    const escape = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      setOpen(false)
      button.current?.focus()
    }
    document.addEventListener('pointerdown', outside)
    document.addEventListener('focusin', outside)
    document.addEventListener('keydown', escape)
    return () => {
      document.removeEventListener('pointerdown', outside)
      document.removeEventListener('focusin', outside)
      document.removeEventListener('keydown', escape)
    }
  }, [isOpen])
  return (
    <div ref={root} className={classes.anchor}>
      <button
        ref={button}
        type="button"
        className={className}
        aria-label={label}
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        onClick={() => setOpen(!isOpen)}
      >
        {face}
      </button>
      {isOpen && (
        <div id={id} className={classes.sheet}>
          {children}
        </div>
      )}
    </div>
  )
}
