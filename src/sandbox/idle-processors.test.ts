import { cpus } from 'node:os'
import { expect, test } from 'vitest'
import { createIdleProcessors } from './idle-processors.ts'

/** Two processors whose times the test tells, and a clock. */
function aMachine() {
  let nowMs = 0
  const processors = [0, 1].map(() => ({ times: { user: 50_000, nice: 0, sys: 9_000, irq: 100, idle: 900_000 } }))
  const look = createIdleProcessors(
    () => nowMs,
    () => processors.map(({ times }) => ({ times: { ...times } })),
  )
  return {
    look,
    /** @param idle of each processor, from 0 to 1 */
    pass(ms: number, ...idle: readonly number[]) {
      nowMs += ms
      processors.forEach(({ times }, at) => {
        times.idle += ms * (idle[at] ?? 0)
        times.user += ms * (1 - (idle[at] ?? 0))
      })
    },
  }
}

test('it is the part that nobody wanted since the last look, whatever came before', () => {
  const { look, pass } = aMachine()
  pass(10, 1, 1)
  look()
  pass(200, 1, 0)
  expect(look()).toBeCloseTo(0.5)
  pass(200, 0.5, 0)
  expect(look()).toBeCloseTo(0.25)
  pass(1_000, 1, 1)
  expect(look()).toBeCloseTo(1)
})

test('the first look, and one after more than a second, say nothing of now', () => {
  const { look, pass } = aMachine()
  pass(200, 1, 1)
  expect(look()).toBe(0)
  pass(1_001, 1, 1)
  expect(look()).toBe(0)
  pass(200, 1, 1)
  expect(look()).toBeCloseTo(1)
})

test('a look so soon that the times have not moved answers as the last one', () => {
  const { look, pass } = aMachine()
  look()
  pass(200, 1, 0)
  expect(look()).toBeCloseTo(0.5)
  pass(89, 0, 0)
  expect(look()).toBeCloseTo(0.5)
  // Both together: what passed since was not forgotten.
  pass(111, 0, 0)
  expect(look()).toBeCloseTo(0)
})

test('times that stand still are no idle processor', () => {
  let nowMs = 0
  const look = createIdleProcessors(
    () => nowMs,
    () => [{ times: { user: 1, nice: 0, sys: 0, irq: 0, idle: 1 } }],
  )
  look()
  nowMs += 200
  expect(look()).toBe(0)
})

test('a thread that computes leaves at most the other processors of this machine idle', () => {
  let nowMs = 1_000
  const idle = createIdleProcessors(() => nowMs)
  idle()
  const before = ticks()
  const count = cpus().length
  // This thread alone keeps one of them busy: of so many at most the others can idle.
  while (ticks() - before < 300 * count) Math.sqrt(before)
  nowMs += 200
  expect(idle()).toBeLessThanOrEqual(1 - 0.5 / count)
})

const ticks = (): number =>
  cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.idle + times.irq, 0)
