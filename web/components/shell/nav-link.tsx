'use client'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import type { ReactNode } from 'react'
import { isAt } from '../../lib/places.ts'

/** A link that says when it leads to where one is. */
export function NavLink(props: {
  readonly href: string
  readonly className?: string | undefined
  readonly children: ReactNode
}) {
  const { href, className, children } = props
  const isHere = isAt(usePathname(), href)
  return (
    <Link href={href} className={className} {...(isHere && { 'aria-current': 'page' })}>
      {children}
    </Link>
  )
}
