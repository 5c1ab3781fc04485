import type { ReactNode } from 'react'
import classes from './controls.module.css'

type BadgeProps = {
  readonly color?: 'green' | 'red' | 'gray'
  readonly size?: 'md' | 'lg'
  readonly children: ReactNode
}

/** A word on what something is or is in. */
export function Badge({ color, size, children }: BadgeProps) {
  return (
    <span className={classes.badge} data-color={color} data-size={size}>
      {children}
    </span>
  )
}
