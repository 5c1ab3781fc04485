import { expect, test } from 'vitest'
import { createLogger } from '../platform/logger.ts'
import { createRateLimit, networkOf } from './rate-limits.ts'

function aLimit(perMinute: number) {
  let nowMs = 60_000_000
  const clock = { nowMs: () => nowMs, monotonicMs: () => nowMs }
  const limit = createRateLimit({ clock, log: createLogger('silent'), redis: null }, { per: 'address', perMinute })
  return { limit, pass: (ms: number) => (nowMs += ms) }
}

test('a key is let through as often as the limit says, and again when the minute is over', () => {
  const { limit, pass } = aLimit(3)
  pass(20_000)
  for (let i = 0; i < 3; i++) limit.take('a')
  expect(() => limit.take('a')).toThrow(
    expect.objectContaining({ code: 'RATE_LIMITED', details: { retryAfterSeconds: 40, limit: 3, per: 'address' } }),
  )
  limit.take('b')
  pass(40_000)
  limit.take('a')
})

test('an attacker with many addresses cannot fill the memory', () => {
  const { limit } = aLimit(10)
  const before = process.memoryUsage().heapUsed
  for (let i = 0; i < 300_000; i++) limit.take(`address-${i}`)
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(100_000_000)
})

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('%s is counted as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
