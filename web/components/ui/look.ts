import type { ReactNode } from 'react'
import classes from './controls.module.css'

/** What a button and a link that looks like one have in common. */
export type Look = {
  readonly variant?: 'filled' | 'default' | 'light' | 'subtle'
  readonly size?: 'md' | 'sm' | 'xs' | 'compact-sm' | 'compact-xs'
  readonly color?: 'red' | 'gray'
  readonly fullWidth?: boolean
  readonly className?: string | undefined
  readonly leftSection?: ReactNode
}

/** Splits what is given into how it looks and the rest. */
export function dress<T extends Look>({ variant, size, color, fullWidth, className, leftSection, ...attributes }: T) {
  return {
    leftSection,
    attributes: {
      ...attributes,
      className: className === undefined ? classes.button : `${classes.button} ${className}`,
      'data-variant': variant,
      'data-size': size,
      'data-color': color,
      'data-wide': fullWidth === true || undefined,
    },
  }
}
