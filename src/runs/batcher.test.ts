import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createLogger } from '../platform/logger.ts'
import { createAccountGate, createBatcher, type Answer, type BatcherOptions } from './batcher.ts'

type Order = { readonly account: string; readonly n: number; readonly bytes?: number }
type Call = { readonly orders: readonly number[]; readonly answer: (answers: readonly Answer<number>[]) => void }

/** A batcher whose calls are answered by the test, one by one. */
function aBatcher(facts: Partial<BatcherOptions<Order, number>> = {}) {
  const calls: Call[] = []
  const call = (orders: readonly Order[]): Promise<readonly Answer<number>[]> =>
    new Promise((answer) => calls.push({ orders: orders.map(({ n }) => n), answer }))
  const gate = createAccountGate()
  const batcher = createBatcher<Order, number>(
    { log: createLogger('silent', 2), gate },
    {
      name: 'test',
      lanes: 1,
      maxOrders: 4,
      maxBytes: 100,
      maxWaiting: 6,
      patienceMs: 10_000,
      accountOf: ({ account }) => account,
      bytesOf: ({ bytes = 1 }) => bytes,
      sendMany: call,
      sendOne: async (order) => (await call([order]))[0] ?? { kind: 'alone' },
      refuse: () => new Error('full'),
      locked: () => new Error('locked'),
      lost: () => new Error('lost'),
      ...facts,
    },
  )
  const done = (n: number): Answer<number> => ({ kind: 'done', result: n })
  /** Answers the oldest call with its orders' own numbers, and says which they were. */
  async function answerNext(): Promise<readonly number[]> {
    await turn()
    const next = calls.shift()
    if (next === undefined) return []
    next.answer(next.orders.map(done))
    await turn()
    return next.orders
  }
  return { batcher, gate, calls, answerNext, done }
}

const order = (n: number, account = `account-${n}`, bytes = 1): Order => ({ n, account, bytes })

test('what arrives during a call leaves together in the next one, at most as many and as heavy as a call may be', async () => {
  const { batcher, answerNext } = aBatcher()
  const first = batcher.add(order(0))
  await turn()
  const rest = [1, 2, 3, 4, 5].map((n) => batcher.add(order(n, `account-${n}`, n === 2 ? 99 : 1)))
  expect(await answerNext()).toEqual([0])
  expect(await answerNext()).toEqual([1, 2])
  expect(await answerNext()).toEqual([3, 4, 5])
  expect(await Promise.all([first, ...rest])).toEqual([0, 1, 2, 3, 4, 5])
  await batcher.idle()
})

test('one order more than may wait is refused at once, and nobody else is', async () => {
  const { batcher, answerNext } = aBatcher()
  const sent = batcher.add(order(0))
  await turn()
  const waiting = [1, 2, 3, 4, 5, 6].map((n) => batcher.add(order(n)))
  await expect(batcher.add(order(7))).rejects.toThrow('full')
  expect(batcher.waiting).toBe(6)
  while ((await answerNext()).length > 0);
  expect(await Promise.all([sent, ...waiting])).toEqual([0, 1, 2, 3, 4, 5, 6])
})

test('an account that another call of the process holds is left in the queue, the others overtake it', async () => {
  const { batcher, gate, answerNext } = aBatcher()
  gate.take(['busy'])
  const held = batcher.add(order(0, 'busy'))
  const free = batcher.add(order(1))
  expect(await answerNext()).toEqual([1])
  expect(await answerNext()).toEqual([])
  gate.free(['busy'])
  expect(await answerNext()).toEqual([0])
  expect(await Promise.all([held, free])).toEqual([0, 1])
})

test('an order that the batch cannot decide is asked for again, and one that is locked for too long is told so', async () => {
  const { batcher, calls, answerNext, done } = aBatcher({ patienceMs: 0 })
  const orders = [0, 1].map((n) => batcher.add(order(n)))
  await turn()
  calls.shift()?.answer([done(0), { kind: 'locked' }])
  await expect(orders[1]).rejects.toThrow('locked')
  expect(await orders[0]).toBe(0)

  const patient = aBatcher()
  const again = [0, 1].map((n) => patient.batcher.add(order(n)))
  await turn()
  patient.calls.shift()?.answer([done(0), { kind: 'again' }])
  await turn()
  expect(await patient.answerNext()).toEqual([1])
  expect(await Promise.all(again)).toEqual([0, 1])
  expect(await answerNext()).toEqual([])
})

test('what waits when the batcher stops is refused, and nothing more is taken', async () => {
  const { batcher, answerNext } = aBatcher()
  const sent = batcher.add(order(0))
  await turn()
  const waiting = batcher.add(order(1))
  const refused = expect(waiting).rejects.toThrow('full')
  batcher.stop()
  await refused
  await expect(batcher.add(order(2))).rejects.toThrow('full')
  expect(await answerNext()).toEqual([0])
  expect(await sent).toBe(0)
})
