'use client'
import Link from 'next/link'
import type { ReactNode } from 'react'
import classes from './controls.module.css'
import { dress, type Look } from './look.ts'

type LinkButtonProps = Look & { readonly href: string; readonly children: ReactNode }

/** A link that looks like a button. */
export function LinkButton({ href, children, ...rest }: LinkButtonProps) {
  const { leftSection, attributes } = dress(rest)
  return (
    <Link href={href} {...attributes}>
      <span className={classes.face}>
        {leftSection}
        {children}
      </span>
    </Link>
  )
}
