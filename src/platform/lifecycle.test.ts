import { expect, test } from 'vitest'
import { createLifecycle } from './lifecycle.ts'
import { createLogger } from './logger.ts'
import type { Service } from './service.ts'

const times = { startMs: 1_000, drainMs: 50, stopMs: 50 }

function recorded(name: string, events: string[], faults: { drain?: Error; hangs?: boolean } = {}): Service {
  return {
    name,
    start: async () => void events.push(`start ${name}`),
    drain: async () => {
      events.push(`drain ${name}`)
      if (faults.drain) throw faults.drain
      if (faults.hangs) await new Promise(() => {})
    },
    stop: async () => void events.push(`stop ${name}`),
  }
}

test('services stop in reverse order, whoever serves users first', async () => {
  const events: string[] = []
  const lifecycle = createLifecycle({ log: createLogger('silent'), times })
  await lifecycle.use(recorded('database', events))
  await lifecycle.use(recorded('http', events))
  await lifecycle.stop()
  expect(events).toEqual(['start database', 'start http', 'drain http', 'drain database', 'stop http', 'stop database'])
})

test('a service that fails or hangs while draining does not keep the others from stopping', async () => {
  const events: string[] = []
  const lifecycle = createLifecycle({ log: createLogger('silent'), times })
  await lifecycle.use(recorded('database', events))
  await lifecycle.use(recorded('queue', events, { drain: new Error('refused') }))
  await lifecycle.use(recorded('http', events, { hangs: true }))
  await lifecycle.stop()
  expect(events.slice(-3)).toEqual(['stop http', 'stop queue', 'stop database'])
})

test('services that all hang share one time to drain, so that the whole stop stays bounded', async () => {
  const events: string[] = []
  const lifecycle = createLifecycle({
    log: createLogger('silent'),
    times: { startMs: 1_000, drainMs: 200, stopMs: 50 },
  })
  for (const name of ['a', 'b', 'c', 'd', 'e'])
    await lifecycle.use(recorded(name, events, name === 'a' ? {} : { hangs: true }))
  const from = performance.now()
  await lifecycle.stop()
  expect(events.slice(-5)).toEqual(['stop e', 'stop d', 'stop c', 'stop b', 'stop a'])
  expect(performance.now() - from).toBeLessThan(4 * 200 + 800)
})

test('stopping twice stops once', async () => {
  const events: string[] = []
  const lifecycle = createLifecycle({ log: createLogger('silent'), times })
  await lifecycle.use(recorded('http', events))
  await Promise.all([lifecycle.stop(), lifecycle.stop()])
  expect(events.filter((event) => event === 'stop http')).toHaveLength(1)
})

test('nothing starts once the process is stopping', async () => {
  const lifecycle = createLifecycle({ log: createLogger('silent'), times })
  await lifecycle.stop()
  await expect(lifecycle.use(recorded('late', []))).rejects.toThrow('stopping')
})
