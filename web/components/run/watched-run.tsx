'use client'
import type { LiveRun } from '../../lib/live-run.ts'
import type { RunProblem } from '../../lib/run-problem.ts'
import { RunState, type RunStateProps } from './run-state.tsx'
import { useRun } from './use-run.ts'

export { runProblemOf } from '../../lib/run-problem.ts'

type WatchedRunProps = Omit<RunStateProps, 'hold'> & {
  readonly first: LiveRun
  readonly refusal: RunProblem | null
}

/** A run that is listened to until it is over; and a refusal to run it again. */
export function WatchedRun({ first, refusal, ...state }: WatchedRunProps) {
  const hold = useRun(first)
  return <RunState {...state} hold={refusal === null ? hold : { ...hold, refusal }} />
}
