import type { RunStatus } from './runs.schema.ts'

/** What can happen to a run. */
export type RunStateEvent =
  /** A process takes it and executes it. */
  | { readonly type: 'claimed' }
  | { readonly type: 'succeeded' }
  | { readonly type: 'failed'; readonly code: string }
  /** The agent used up its time. */
  | { readonly type: 'timed_out' }
  /** Stopped by its caller; `left` says whether any output or event had left for the caller. */
  | { readonly type: 'canceled'; readonly left: 'nothing' | 'something' }
  /** The process that owns it no longer renews its lease; `mayRepeat`: the agent says that it may be executed again, and
   * it was not too often. */
  | { readonly type: 'lease_expired'; readonly mayRepeat?: boolean }
  /** Nobody settled it by its deadline, which lies well behind the agent's own time limit. */
  | { readonly type: 'deadline_passed' }

/** What has to be done with the transition. `nothing` also for an event that comes too late. */
export type RunConsequence = 'nothing' | 'execute' | 'capture' | 'release' | 'queue'

export type RunTransition = {
  readonly state: RunStatus
  /** The failure code that the run's row gets, or null. */
  readonly code: string | null
  readonly then: RunConsequence
}

/** The only place that decides what becomes of a run. Pure and total: every event has an answer in every state, and in
 * a final state it is "nothing", so that whatever comes second can neither charge nor release again. */
export function nextRunState(state: RunStatus, event: RunStateEvent): RunTransition {
  switch (state) {
    case 'queued':
      return afterQueued(event)
    case 'running':
      return afterRunning(event)
    case 'succeeded':
    case 'failed':
    case 'timed_out':
    case 'canceled':
      return stay(state)
  }
}

function afterQueued(event: RunStateEvent): RunTransition {
  switch (event.type) {
    case 'claimed':
      return { state: 'running', code: null, then: 'execute' }
    case 'canceled':
      return { state: 'canceled', code: 'RUN_CANCELED', then: 'release' }
    case 'failed':
      return { state: 'failed', code: event.code, then: 'release' }
    case 'deadline_passed':
      return { state: 'timed_out', code: 'RUN_LOST', then: 'release' }
    case 'lease_expired': // whoever admitted it died; any other process may still claim it
    case 'succeeded': // nobody executes it, so nobody can have a result
    case 'timed_out':
      return stay('queued')
  }
}

function afterRunning(event: RunStateEvent): RunTransition {
  switch (event.type) {
    case 'succeeded':
      return { state: 'succeeded', code: null, then: 'capture' }
    case 'failed':
      return { state: 'failed', code: event.code, then: 'release' }
    case 'timed_out':
      return { state: 'timed_out', code: 'RUN_TIMED_OUT', then: 'release' }
    case 'canceled':
      return { state: 'canceled', code: 'RUN_CANCELED', then: event.left === 'nothing' ? 'release' : 'capture' }
    case 'lease_expired':
      if (event.mayRepeat === true) return { state: 'queued', code: null, then: 'queue' }
      return { state: 'failed', code: 'RUN_LOST', then: 'release' }
    case 'deadline_passed':
      return { state: 'timed_out', code: 'RUN_LOST', then: 'release' }
    case 'claimed':
      return stay('running')
  }
}

const stay = (state: RunStatus): RunTransition => ({ state, code: null, then: 'nothing' })
