import { expect, test } from 'vitest'
import { WaitingRows } from './waiting-rows.ts'

function aRow() {
  const rows = new WaitingRows()
  const woken: string[] = []
  const wait = (name: string, need: number, place: 'end' | 'head' = 'end', signal?: AbortSignal) =>
    void rows.wait(need, place, signal).then(() => woken.push(name))
  const settled = () => new Promise((resolve) => setImmediate(resolve))
  return { rows, woken, wait, settled }
}

test('room that is freed wakes the first of each row, who wakes the next of his own', async () => {
  const { rows, woken, wait, settled } = aRow()
  for (const name of ['a', 'b']) wait(name, 1)
  for (const name of ['x', 'y']) wait(name, 2)
  rows.wakeHeads()
  await settled()
  expect(woken).toEqual(['a', 'x'])
  rows.wakeNext(1)
  rows.wakeNext(3)
  await settled()
  expect(woken).toEqual(['a', 'x', 'b'])
  expect([rows.has(1), rows.has(2), rows.isEmpty]).toEqual([false, true, false])
})

test('who found no room keeps his place', async () => {
  const { rows, woken, wait, settled } = aRow()
  for (const name of ['a', 'b']) wait(name, 1)
  rows.wakeHeads()
  wait('a again', 1, 'head')
  rows.wakeHeads()
  await settled()
  expect(woken).toEqual(['a', 'a again'])
})

test('who gives up leaves the row, and is not woken in the place of another', async () => {
  const { rows, woken, wait, settled } = aRow()
  const gone = new AbortController()
  wait('a', 1)
  wait('b', 1, 'end', gone.signal)
  wait('c', 1)
  gone.abort()
  await settled()
  expect(woken).toEqual(['b'])
  rows.wakeHeads()
  rows.wakeHeads()
  await settled()
  expect(woken).toEqual(['b', 'a', 'c'])
  expect(rows.isEmpty).toBe(true)
})

test('at the end everybody is woken', async () => {
  const { rows, woken, wait, settled } = aRow()
  for (const [name, need] of [
    ['a', 1],
    ['b', 1],
    ['c', 2],
  ] as const)
    wait(name, need)
  rows.wakeAll()
  await settled()
  expect(woken.toSorted()).toEqual(['a', 'b', 'c'])
  expect(rows.isEmpty).toBe(true)
})
