'use client'
import type { ButtonHTMLAttributes, Ref } from 'react'
import classes from './controls.module.css'
import { dress, type Look } from './look.ts'

type ButtonProps = Look &
  ButtonHTMLAttributes<HTMLButtonElement> & {
    readonly ref?: Ref<HTMLButtonElement>
    /** Its work is under way: it says so, does nothing more, and keeps the focus, which a disabled one would lose. */
    readonly loading?: boolean | undefined
  }

/** Made here, as the fields beside it: a kit's would weigh ten times as much on every page that has one. */
export function Button({ loading = false, onClick, children, ...rest }: ButtonProps) {
  const { leftSection, attributes } = dress(rest)
  return (
    <button
      type="button"
      {...attributes}
      {...(loading ? { 'aria-busy': true, 'aria-disabled': true, 'data-busy': true } : {})}
      onClick={(event) => {
        if (loading) event.preventDefault()
        else onClick?.(event)
      }}
    >
      <span className={classes.face}>
        {leftSection}
        {children}
      </span>
    </button>
  )
}
