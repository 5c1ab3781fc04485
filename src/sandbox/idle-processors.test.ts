import { cpus } from 'node:os'
import { expect, test } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { createIdleProcessors } from './idle-processors.ts'

test('a look after a long time says nothing of now, the next one a part between none and all', async () => {
  let nowMs = 0
  const idle = createIdleProcessors(() => nowMs)
  expect(idle()).toBe(0)
  nowMs += 5_000
  expect(idle()).toBe(0)
  const before = ticks()
  await eventually(() => expect(ticks() - before).toBeGreaterThan(100), { withinMs: 5_000 })
  nowMs += 200
  expect(idle()).toBeGreaterThanOrEqual(0)
  expect(idle()).toBeLessThanOrEqual(1)
})

test('a thread that computes leaves at most the other processors idle', async () => {
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
