import { expect, test } from 'vitest'
import { createLogger } from './logger.ts'
import { createResilience, isRefusedByBreaker, isTimeout, type ResilienceOptions } from './resilience.ts'

class Passing extends Error {}

const aDependency = (options: Partial<ResilienceOptions> = {}) =>
  createResilience(
    { log: createLogger('silent') },
    {
      name: 'test',
      attempts: 3,
      firstDelayMs: 1,
      maxDelayMs: 4,
      timeoutMs: 1_000,
      breakerFailures: 100,
      breakerResetMs: 60_000,
      isTransient: (error) => error instanceof Passing,
      ...options,
    },
  )

test('a fault that passes is tried again, and the caller sees only the answer', async () => {
  let tries = 0
  const answer = await aDependency().run(async () => {
    tries += 1
    if (tries < 3) throw new Passing()
    return 'here'
  })
  expect([answer, tries]).toEqual(['here', 3])
})

test('a fault that does not pass is thrown at its first try', async () => {
  let tries = 0
  await expect(
    aDependency().run(async () => {
      tries += 1
      throw new TypeError('no such key')
    }),
  ).rejects.toThrow('no such key')
  expect(tries).toBe(1)
})

test('after several faults in a row the dependency is left alone, and asked again when the pause is over', async () => {
  const dependency = aDependency({ attempts: 1, breakerFailures: 2, breakerResetMs: 50 })
  let tries = 0
  let isMended = false
  const call = () =>
    dependency.run(async () => {
      tries += 1
      if (!isMended) throw new Passing()
      return 'here'
    })
  await expect(call()).rejects.toThrow(Passing)
  await expect(call()).rejects.toThrow(Passing)
  expect(dependency.isOpen).toBe(true)
  await expect(call()).rejects.toSatisfy(isRefusedByBreaker)
  expect(tries).toBe(2)
  isMended = true
  await expect.poll(() => call().catch(() => 'refused'), { timeout: 5_000 }).toBe('here')
  expect(dependency.isOpen).toBe(false)
})

test('a try that takes too long is ended by its deadline, and its signal says so', async () => {
  let isAborted = false
  const call = aDependency({ attempts: 1, timeoutMs: 20 }).run(
    (signal) =>
      new Promise(() => {
        signal.addEventListener('abort', () => (isAborted = true))
      }),
  )
  await expect(call).rejects.toSatisfy(isTimeout)
  expect(isAborted).toBe(true)
})
