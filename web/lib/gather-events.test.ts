import { expect, test } from 'vitest'
import { gatherEvents } from './gather-events.ts'

/** A tab whose frames come when the test says so: in the background, never. */
function aTab() {
  const frames = new Map<number, () => void>()
  let last = 0
  const taken: number[][] = []
  const gatherer = gatherEvents<number>((events) => void taken.push([...events]), {
    request: (draw) => {
      frames.set(++last, draw)
      return last
    },
    cancel: (frame) => void frames.delete(frame),
  })
  return {
    gatherer,
    taken,
    frames,
    draw() {
      const due = [...frames.values()]
      frames.clear()
      for (const draw of due) draw()
    },
  }
}
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

test('events of one frame are taken in together', () => {
  const { gatherer, taken, frames, draw } = aTab()
  gatherer.add([0, 1])
  gatherer.add([2])
  expect([taken, frames.size, gatherer.last()]).toEqual([[], 1, 2])
  draw()
  gatherer.add([3])
  draw()
  expect(taken).toEqual([[0, 1, 2], [3]])
  expect(gatherer.last()).toBeUndefined()
})

test('a tab in the background holds few of them however many come, and has all of them in order when it is shown', () => {
  const { gatherer, taken, draw } = aTab()
  let most = 0
  for (const n of upTo(100_000)) {
    gatherer.add([n])
    most = Math.max(most, n + 1 - taken.reduce((sum, { length }) => sum + length, 0))
  }
  expect(most).toBeLessThanOrEqual(2_000)
  gatherer.add([100_000])
  draw()
  expect(taken.flat()).toEqual(upTo(100_001))
})

test('at the end what waits is taken in at once, and no frame comes for it afterwards', () => {
  const { gatherer, taken, frames } = aTab()
  gatherer.add([0])
  gatherer.flush()
  gatherer.flush()
  expect([taken, frames.size]).toEqual([[[0]], 0])
})

test('a page that was left takes nothing in any more', () => {
  const { gatherer, taken, frames } = aTab()
  gatherer.add([0])
  gatherer.stop()
  gatherer.add([1])
  expect([taken, frames.size]).toEqual([[], 0])
  // The end of the run that it was stopped for still counts.
  gatherer.flush()
  expect(taken).toEqual([[0, 1]])
})
