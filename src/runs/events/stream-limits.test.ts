import { expect, test } from 'vitest'
import { createStreamLimits } from './stream-limits.ts'

const limits = () => createStreamLimits({ perAccount: 2, perAddress: 1 })
const ada = { kind: 'user', accountId: 'ada' } as const
const bob = { kind: 'key', accountId: 'bob' } as const
const visitor = { kind: 'visitor', accountId: 'visitors' } as const

test('an account has so many streams open at a time, whatever it reads with; one that ends makes room for the next', () => {
  const streams = limits()
  const first = streams.take(ada, '192.0.2.1')
  streams.take({ ...ada, kind: 'key' }, '192.0.2.2')
  expect(() => streams.take(ada, '192.0.2.3')).toThrow(
    expect.objectContaining({
      code: 'TOO_MANY_STREAMS',
      status: 429,
      details: { limit: 2, per: 'account', retryAfterSeconds: 5 },
    }),
  )
  streams.take(bob, '192.0.2.1')
  first.release()
  first.release()
  streams.take(ada, '192.0.2.1')
  expect(() => streams.take(ada, '192.0.2.1')).toThrow(expect.objectContaining({ code: 'TOO_MANY_STREAMS' }))
})

test('strangers are counted by their network, of IPv6 the whole /64, and nothing of them is kept after', () => {
  const streams = limits()
  const one = streams.take(visitor, '2001:db8:1:2::1')
  expect(() => streams.take(visitor, '2001:db8:1:2:ffff::9')).toThrow(
    expect.objectContaining({ details: expect.objectContaining({ per: 'address' }) }),
  )
  const other = streams.take(visitor, '2001:db8:1:3::1')
  one.release()
  other.release()
  expect(streams.keys).toBe(0)
})
