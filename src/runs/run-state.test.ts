import { describe, expect, test } from 'vitest'
import { nextRunState, type RunStateEvent } from './run-state.ts'
import { runStatus } from './runs.schema.ts'

const events = {
  claimed: { type: 'claimed' },
  succeeded: { type: 'succeeded' },
  failed: { type: 'failed', code: 'AGENT_THREW' },
  timed_out: { type: 'timed_out' },
  canceled_early: { type: 'canceled', left: 'nothing' },
  canceled_late: { type: 'canceled', left: 'something' },
  lease_expired: { type: 'lease_expired' },
  lease_expired_idempotent: { type: 'lease_expired', mayRepeat: true },
  deadline_passed: { type: 'deadline_passed' },
} as const satisfies Record<string, RunStateEvent>

/** Every state and every event: `state code then`. */
const table: Record<'queued' | 'running', Record<keyof typeof events, string>> = {
  queued: {
    claimed: 'running null execute',
    succeeded: 'queued null nothing',
    failed: 'failed AGENT_THREW release',
    timed_out: 'queued null nothing',
    canceled_early: 'canceled RUN_CANCELED release',
    canceled_late: 'canceled RUN_CANCELED release',
    lease_expired: 'queued null nothing',
    lease_expired_idempotent: 'queued null nothing',
    deadline_passed: 'timed_out RUN_LOST release',
  },
  running: {
    claimed: 'running null nothing',
    succeeded: 'succeeded null capture',
    failed: 'failed AGENT_THREW release',
    timed_out: 'timed_out RUN_TIMED_OUT release',
    canceled_early: 'canceled RUN_CANCELED release',
    canceled_late: 'canceled RUN_CANCELED capture',
    lease_expired: 'failed RUN_LOST release',
    lease_expired_idempotent: 'queued null queue',
    deadline_passed: 'timed_out RUN_LOST release',
  },
}

const said = (status: Parameters<typeof nextRunState>[0], event: RunStateEvent): string => {
  const { state, code, then } = nextRunState(status, event)
  return `${state} ${code} ${then}`
}

describe.each(runStatus.options)('a run that is %s', (status) => {
  test.each(Object.entries(events))('and is told %s', (name, event) => {
    const isOpen = status === 'queued' || status === 'running'
    expect(said(status, event)).toBe(
      isOpen ? new Map(Object.entries(table[status])).get(name) : `${status} null nothing`,
    )
  })
})

test('only a success, or a cancel after something was delivered, is ever charged', () => {
  const charged = runStatus.options.flatMap((status) =>
    Object.entries(events)
      .filter(([, event]) => nextRunState(status, event).then === 'capture')
      .map(([name]) => `${status} ${name}`),
  )
  expect(charged).toEqual(['running succeeded', 'running canceled_late'])
})
