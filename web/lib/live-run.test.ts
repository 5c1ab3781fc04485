import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ansiSpans, withoutAnsi } from './ansi.ts'
import { admittedRun, withEvents, withHold } from './live-run.ts'
import { filterLogs, windowOf } from './log-window.ts'
import { createEventReader } from './run-events.ts'

const fresh = admittedRun({ runId: 'r', agentId: 'a', version: null, status: 'running', waiting: null, nowMs: 0 })
const log = (seq: number) => ({ name: 'run.log', data: { seq, atMs: seq, level: 'info', message: `line ${seq}` } })

test('a stream is read the same wherever it is cut', () => {
  const stream =
    ': heartbeat\n\nid: 1\nevent: run.log\ndata: {"a":1}\n\nid: 2\r\nevent: run.progress\r\ndata: {\r\ndata: }\r\n\r\n'
  const whole = createEventReader()(stream)
  expect(whole).toEqual([
    { id: '1', event: 'run.log', data: '{"a":1}' },
    { id: '2', event: 'run.progress', data: '{\n}' },
  ])
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), (size) => {
      const read = createEventReader()
      const events = []
      for (let at = 0; at < stream.length; at += size) events.push(...read(stream.slice(at, at + size)))
      expect(events).toEqual(whole)
    }),
  )
})

test('a stream that is taken up again may repeat events: none counts twice', () => {
  const once = withEvents(fresh, [log(1), log(2), { name: 'run.chunk', data: { seq: 3, data: 'a' } }], 0)
  const twice = withEvents(once, [log(2), { name: 'run.chunk', data: { seq: 3, data: 'a' } }, log(4)], 0)
  expect(twice.logs.map((entry) => entry.message)).toEqual(['line 1', 'line 2', 'line 4'])
  expect(twice.chunks).toEqual(['a'])
  expect(twice.lastSeq).toBe(4)
})

test('the place in line moves up while a run waits, although these words have no number of their own', () => {
  const at = (place: number, seq: number) => ({ name: 'run.waiting', data: { seq, reason: 'capacity', place } })
  const waits = withEvents(fresh, [{ name: 'run.queued', data: { seq: 1 } }, at(3, 1), at(2, 1)], 0)
  expect([waits.status, waits.waiting?.place, waits.lastSeq]).toEqual(['queued', 2, 1])
  const started = withEvents(waits, [{ name: 'run.started', data: { seq: 2 } }, at(1, 1)], 0)
  expect([started.status, started.waiting]).toEqual(['running', null])
})

test('what was set aside is learnt while the run goes on, and takes back nothing that happened since', () => {
  const charged = withEvents(fresh, [{ name: 'run.charged', data: { seq: 1, charged: '0.3' } }], 0)
  const view = { status: 'queued', version: 3, receipt: { held: '5', charged: '0', returned: '0', lines: [] } }
  expect(withHold(charged, view)).toMatchObject({
    status: 'running',
    version: 3,
    charged: '0.3',
    receipt: { held: '5' },
    lastSeq: 1,
  })
})

test('after its end nothing changes a run but its settlement', () => {
  const settled = withEvents(
    fresh,
    [{ name: 'run.settled', data: { seq: 9, runId: 'r', status: 'canceled', code: 'RUN_CANCELED' } }],
    0,
  )
  expect(withEvents(settled, [{ name: 'run.started', data: { seq: 10 } }], 0).status).toBe('canceled')
})

test('waiting, start, progress and charge are told as they come', () => {
  const run = withEvents(
    fresh,
    [
      { name: 'run.waiting', data: { seq: 1, reason: 'capacity', place: 2, estimateMs: 900 } },
      { name: 'run.started', data: { seq: 2, at: '2026-11-25T12:00:00.000Z' } },
      { name: 'run.progress', data: { seq: 3, fraction: 7, message: 'typing columns' } },
      { name: 'run.charged', data: { seq: 4, event: 'column', count: 3, charged: '0.3' } },
      { name: 'run.unheard', data: { seq: 5 } },
    ],
    0,
  )
  expect(run).toMatchObject({
    status: 'running',
    waiting: null,
    progress: { fraction: 1 },
    charged: '0.3',
    startedAtMs: Date.UTC(2026, 10, 25, 12),
  })
})

test('of a hundred thousand lines only those in view exist, and a line keeps its number under a filter', () => {
  const logs = Array.from({ length: 100_000 }, (_, at) => ({
    atMs: at,
    level: at % 1_000 === 0 ? ('error' as const) : ('info' as const),
    message: `line ${at}`,
  }))
  const { from, to } = windowOf({ topPx: 1_200_000, heightPx: 384, rowPx: 24, rows: logs.length })
  expect(to - from).toBeLessThan(60)
  expect(from).toBeLessThanOrEqual(50_000)
  expect(windowOf({ topPx: 1_200_000, heightPx: 384, rowPx: 24, rows: 3 })).toEqual({ from: 0, to: 3 })
  expect(
    filterLogs(logs, 'error', '')
      .slice(0, 2)
      .map((each) => each.line),
  ).toEqual([1, 1_001])
  expect(filterLogs(logs, 'debug', 'LINE 99999')).toHaveLength(1)
})

test('terminal colours become styles of ours, and other control sequences nothing', () => {
  expect(ansiSpans('a\u001b[1;31mb\u001b[0mc\u001b[2J\u001b]0;title\u0007d')).toEqual([
    { text: 'a', style: '' },
    { text: 'b', style: 'red bold' },
    { text: 'c', style: '' },
    { text: 'd', style: '' },
  ])
  expect(withoutAnsi('\u001b[32m<b>ok</b>\u001b[0m')).toBe('<b>ok</b>')
})
