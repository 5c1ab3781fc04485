'use client'
import { Button, type ButtonProps } from '@mantine/core'
import Link from 'next/link'
import type { ReactNode } from 'react'

/** A link that looks like a button. Of its own, because a server component cannot hand `Link` to `Button`. */
export function LinkButton(props: ButtonProps & { readonly href: string; readonly children: ReactNode }) {
  return <Button component={Link} {...props} />
}
