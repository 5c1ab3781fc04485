import { Ban, CircleCheck, CircleX, Clock, LoaderCircle, TimerOff } from 'lucide-react'
import { STATUS_WORDS, type RunStatus } from '../../lib/run-status-words.ts'
import classes from './run.module.css'

const ICONS = {
  queued: Clock,
  running: LoaderCircle,
  succeeded: CircleCheck,
  failed: CircleX,
  timed_out: TimerOff,
  canceled: Ban,
} as const

/** The state of a run: its word, a shape and a colour, of which the word is enough. */
export function StatusBadge({ status }: { readonly status: RunStatus }) {
  const Icon = ICONS[status]
  return (
    <span className={classes.badge} data-status={status}>
      <Icon size={15} aria-hidden />
      {STATUS_WORDS[status]}
    </span>
  )
}
