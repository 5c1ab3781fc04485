import { expect, test } from 'vitest'
import { agentEvents, agentStatuses, nextAgentStatus } from './agent-status.ts'

test('every status meets every event as the table says', () => {
  const table = Object.fromEntries(
    agentStatuses.map((status) => [status, agentEvents.map((event) => nextAgentStatus(status, event))]),
  )
  // version_activated, activate, deactivate, suspend, reinstate
  expect(table).toEqual({
    draft: ['active', null, null, 'suspended', null],
    in_review: ['in_review', null, null, 'suspended', null],
    active: ['active', 'active', 'inactive', 'suspended', null],
    inactive: ['inactive', 'active', 'inactive', 'suspended', null],
    suspended: ['suspended', null, null, 'suspended', 'inactive'],
  })
})
