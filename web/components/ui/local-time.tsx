'use client'
import { useSyncExternalStore } from 'react'

const never = () => () => {}

/** A moment in the reader's own time. The server does not know that, so it writes UTC first, and says so. */
export function LocalTime({ at, isDay = false }: { readonly at: string; readonly isDay?: boolean }) {
  const isHere = useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
  const date = new Date(at)
  const utc = isDay ? at.slice(0, 10) : `${at.slice(0, 16).replace('T', ' ')} UTC`
  const words = isHere
    ? date.toLocaleString(undefined, isDay ? { dateStyle: 'medium' } : { dateStyle: 'medium', timeStyle: 'short' })
    : utc
  return (
    <time dateTime={at} title={utc}>
      {words}
    </time>
  )
}
