import { expect, test } from 'vitest'
import { deploymentEvents, deploymentStatuses, nextDeploymentStatus } from './deployment-status.ts'

test('every status meets every event as the table says', () => {
  const table = Object.fromEntries(
    deploymentStatuses.map((status) => [status, deploymentEvents.map((event) => nextDeploymentStatus(status, event))]),
  )
  const ended = [null, null, null, null, null, null, null]
  // build_started, build_finished, tests_passed, newer_is_active, failed, rolled_back, stopped
  expect(table).toEqual({
    pending: ['building', null, null, null, 'failed', 'rolled_back', 'stopped'],
    building: ['building', 'testing', null, null, 'failed', 'rolled_back', 'stopped'],
    testing: ['building', null, 'active', 'superseded', 'failed', 'rolled_back', 'stopped'],
    canary: [null, null, 'active', null, 'failed', 'rolled_back', 'stopped'],
    active: [null, null, null, 'superseded', null, 'rolled_back', 'stopped'],
    failed: ended,
    superseded: ended,
    rolled_back: ended,
    stopped: ended,
  })
})
