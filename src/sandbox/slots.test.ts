import { expect, test } from 'vitest'
import { EnhancedAppError } from '../platform/errors.ts'
import { Slots } from './slots.ts'

const someSlots = (total: number, bounds: { queue?: number; perPayer?: number } = {}): Slots =>
  new Slots({
    total,
    queueBound: bounds.queue ?? 100,
    queueBoundPerPayer: bounds.perPayer ?? 100,
    monotonicMs: () => performance.now(),
  })

const codeOf = (error: unknown): string => (error instanceof EnhancedAppError ? error.code : String(error))

test('a payer who asked a hundred times waits behind himself: the other is served next but one', async () => {
  const slots = someSlots(1)
  const first = await slots.acquire('greedy')
  const served: string[] = []
  const ask = (payer: string, count: number) =>
    Array.from({ length: count }, () =>
      slots.acquire(payer).then((slot) => {
        served.push(payer)
        slot.release()
      }),
    )
  const waiting = [...ask('greedy', 90), ...ask('modest', 2)]
  first.release()
  await Promise.all(waiting)
  expect(served.slice(0, 4)).toEqual(['greedy', 'modest', 'greedy', 'modest'])
  expect(slots.taken).toBe(0)
})

test('beyond its bound the queue refuses at once with SANDBOX_BUSY and says when to come back', async () => {
  const slots = someSlots(1, { queue: 1 })
  const held = await slots.acquire('a')
  const waiting = slots.acquire('a')
  const refused = await slots.acquire('b').catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'SANDBOX_BUSY', status: 429, retry: 'later' })
  expect(refused).toHaveProperty('details.retryAfterSeconds', 1)
  held.release()
  ;(await waiting).release()
})

test('one payer cannot fill the queue for everybody', async () => {
  const slots = someSlots(1, { queue: 10, perPayer: 2 })
  const held = await slots.acquire('greedy')
  const waiting = [slots.acquire('greedy'), slots.acquire('greedy')]
  expect(codeOf(await slots.acquire('greedy').catch((error: unknown) => error))).toBe('SANDBOX_BUSY')
  const modest = slots.acquire('modest')
  held.release()
  for (const each of [waiting[0], modest, waiting[1]]) (await each)?.release()
})

test('who gives up leaves the queue, and a slot released twice is given once', async () => {
  const slots = someSlots(1)
  const held = await slots.acquire('a')
  const impatient = new AbortController()
  const abandoned = slots.acquire('b', { signal: impatient.signal })
  const patient = slots.acquire('c')
  impatient.abort(new Error('gone'))
  await expect(abandoned).rejects.toThrow('gone')
  expect(slots.waiting).toBe(1)
  held.release()
  held.release()
  await patient
  expect(slots.taken).toBe(1)
})

test('closing refuses everybody who waits and whoever comes', async () => {
  const slots = someSlots(1)
  await slots.acquire('a')
  const waiting = slots.acquire('b').catch(codeOf)
  slots.close()
  expect(await waiting).toBe('SANDBOX_STOPPED')
  expect(await slots.acquire('c').catch(codeOf)).toBe('SANDBOX_STOPPED')
})

test('a payer at his own limit waits although places are free, and others pass him', async () => {
  const slots = someSlots(3)
  const held = await slots.acquire('limited', { most: 1 })
  const second = slots.acquire('limited', { most: 1 })
  await slots.acquire('other', { most: 1 })
  expect([slots.taken, slots.waiting]).toEqual([2, 1])
  held.release()
  await second
  expect([slots.taken, slots.waiting]).toEqual([2, 0])
})
