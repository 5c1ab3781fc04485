import { expect, test } from 'vitest'
import { notificationWords } from './notification-words.ts'

test('each kind says what happened and leads to its page', () => {
  const run = { runId: 'r1', agent: 'Profiler', status: 'timed_out', charge: '0' }
  const failing = { agent: 'Profiler', address: 'ana/pro filer', failed: 18, runs: 24 }
  expect([
    notificationWords({ kind: 'run_ended', data: run }),
    notificationWords({ kind: 'credits_low', data: { available: '1.5', spent: '20' } }),
    notificationWords({ kind: 'agent_failing', data: failing }),
    notificationWords({ kind: 'invitation', data: { account: 'Harbour', inviter: 'Ben', role: 'developer' } }),
    notificationWords({ kind: 'new_session', data: { address: '198.51.100.7', device: null } }),
  ]).toEqual([
    { text: 'Profiler: Timed out, 0 credits', href: '/runs/r1' },
    { text: '1.5 credits left; the last day cost 20', href: '/credits' },
    { text: 'Profiler: 18 of 24 runs failed', href: '/agents/ana/pro%20filer/failures' },
    { text: 'Ben invites you to Harbour, as developer: see your mail', href: '/account' },
    { text: 'New sign-in from 198.51.100.7', href: '/account' },
  ])
})

test('facts of another version of the site still make a sentence', () => {
  expect(notificationWords({ kind: 'run_ended', data: null }).text).toBe('A run: Ended, 0 credits')
})
