import type { Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { decodeBlob } from '../../platform/blob.ts'
import type { Queryable } from '../../platform/database.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Service } from '../../platform/service.ts'
import { findRun } from '../find-run.ts'
import type { FindWaiting } from '../find-waiting.ts'
import { factsOf, presentRun } from '../present-run.ts'
import { runsErrors } from '../runs.errors.ts'
import { FINISHED_AMONG } from '../runs.queries.ts'
import type { RunRow } from '../runs.schema.ts'
import { LAST_EVENT, READ_EVENTS, READ_EVENTS_OF_MANY, type EventRow } from './events.queries.ts'
import type { RunEvent, RunEvents } from './record-events.ts'

/** For runs that other processes execute. */
const LOOK_EVERY_MS = 100
const WAITING_EVERY_MS = 1_000
const HEARTBEAT_MS = 15_000
const PAGE = 200
/** The latest events of a watched run, for readers that are a little behind: only the rest is read from the database. */
const RECENT_EVENTS = 500
const RECENT_CHARS = 500_000
/** Readers that read from the database at a time; a thousand who come at once would keep everybody else from it. */
const READS_AT_ONCE = 4
const READ_TRIES = 20
const READ_AGAIN_MS = 500
/** A reader who takes nothing for so long is closed; it comes back with the last number it saw. */
const STALLED_MS = 60_000

/** Streams of the events of runs, for everybody who watches one at this process. */
export type RunWatch = Service & {
  /** Answers with the run's events after this number, in order, to the last.
   * @returns false where there is nothing left to tell
   * @throws EVENT_ID_INVALID for a number that the run has not reached */
  open(row: RunRow, after: number, answer: SseAnswer): Promise<boolean>
  /** The run is over: said by whoever settled it here. */
  ended(runId: string): void
  /** Whether somebody listens to the run at this process. */
  isWatched(runId: string): boolean
  readonly streams: number
}

export type SseAnswer = {
  /** Sends the head; from then on the response is the stream's. */
  readonly begin: () => Writable
  /** Streams end when the process does, or they would hold it up. */
  readonly isDraining: () => boolean
}

type Stream = {
  readonly after: () => number
  tell(events: readonly RunEvent[], texts: () => string): void
  wake(): void
  beat(): void
  waiting(text: string): void
  end(): void
  readonly isDraining: () => boolean
}

type Watched = {
  readonly accountId: string
  readonly runId: string
  readonly streams: Set<Stream>
  isQueued: boolean
  isOver: boolean
  /** The highest number that was heard of. */
  head: number
  /** Without gaps, up to `head`; may be empty. */
  recent: RunEvent[]
  recentChars: number
  waitingText: string
}

/** Everything is told from what is stored, so a stream that breaks goes on anywhere, at any process. Runs that are
 * executed here are told as their events are stored; for those of other processes one statement looks for all of them. A
 * reader that falls behind is not buffered for: it reads on from the database when it takes again. */
export function createRunWatch(deps: {
  readonly db: Queryable
  readonly log: Logger
  readonly events: RunEvents
  readonly waiting: FindWaiting
}): RunWatch {
  const { db, log, events } = deps
  const watched = new Map<string, Watched>()
  let timers: NodeJS.Timeout[] = []
  let streams = 0
  const inTurn = createTurns(READS_AT_ONCE)

  function told(runId: string, news: readonly RunEvent[]): void {
    const run = watched.get(runId)
    const last = news.at(-1)
    if (run === undefined || last === undefined) return
    run.head = Math.max(run.head, last.seq)
    run.isQueued = false
    remember(run, news)
    let texts: string | undefined
    for (const stream of run.streams) stream.tell(news, () => (texts ??= news.map(sseText).join('')))
  }
  events.onStored(told)

  function ended(runId: string): void {
    const run = watched.get(runId)
    if (run === undefined) return
    run.isOver = true
    for (const stream of run.streams) stream.wake()
  }

  /** What others execute; a run of ours is told of as it goes, and looked at here all the same for its end. */
  async function look(): Promise<void> {
    const open = [...watched.values()].filter((run) => !run.isOver)
    if (open.length === 0) return
    const elsewhere = open.filter((run) => events.recorderOf(run.runId) === undefined)
    if (elsewhere.length > 0) {
      const rows = await db.query(READ_EVENTS_OF_MANY, [
        elsewhere.map((run) => run.accountId),
        elsewhere.map((run) => run.runId),
        elsewhere.map((run) => run.head),
      ])
      const byRun = new Map<string, RunEvent[]>()
      for (const row of rows) byRun.set(row.run_id, [...(byRun.get(row.run_id) ?? []), eventOf(row)])
      for (const [runId, news] of byRun) told(runId, news)
      const over = await db.query(FINISHED_AMONG, [
        elsewhere.map((run) => run.accountId),
        elsewhere.map((run) => run.runId),
      ])
      for (const { id } of over) ended(id)
    }
    for (const run of open) for (const stream of run.streams) if (stream.isDraining()) stream.end()
  }

  async function tellWaiting(): Promise<void> {
    const queued = [...watched.values()].filter((run) => run.isQueued && !run.isOver)
    const known = await deps.waiting.ofMany(queued.map((run) => ({ accountId: run.accountId, id: run.runId })))
    for (const run of queued) {
      const waiting = known.get(run.runId)
      if (!run.isQueued || waiting === undefined) continue
      const text = JSON.stringify(waiting)
      if (text === run.waitingText) continue
      run.waitingText = text
      const at = new Date().toISOString()
      // Without an id: it is true now and not part of what happened.
      for (const stream of run.streams)
        stream.waiting(`event: run.waiting\ndata: ${joined({ seq: stream.after(), at }, text)}\n\n`)
    }
  }

  const every = (ms: number, work: () => Promise<void>): NodeJS.Timeout => {
    let isWorking = false
    return setInterval(() => {
      if (isWorking || watched.size === 0) return
      isWorking = true
      work()
        .catch((error: unknown) => log.warn({ err: error, runs: watched.size }, 'watched runs were not looked at'))
        .finally(() => {
          isWorking = false
        })
    }, ms)
  }

  return {
    name: 'run streams',
    get streams() {
      return streams
    },
    ended,
    isWatched: (runId) => (watched.get(runId)?.streams.size ?? 0) > 0,
    async open(row, after, answer) {
      if (row.finishedAt === null && row.queuedAt === null) events.recorderOf(row.id)?.goLive()
      const first = row.queuedAt === null ? 0 : 1
      const [stored] = await db.query(LAST_EVENT, [row.accountId, row.id])
      const head = Math.max(stored?.seq ?? 0, first)
      const last = row.finishedAt === null ? head : head + 1 + (head === 0 ? eventsOfLogs(row).length : 0)
      if (after > last && row.contentDeletedAt === null) throw runsErrors.EVENT_ID_INVALID({ after, last })
      if (row.finishedAt !== null && after >= last) return false
      const run = watched.get(row.id) ?? {
        accountId: row.accountId,
        runId: row.id,
        streams: new Set<Stream>(),
        isQueued: row.status === 'queued',
        isOver: row.finishedAt !== null,
        head,
        recent: [],
        recentChars: 0,
        waitingText: '',
      }
      watched.set(row.id, run)
      streams++
      const stream = openStream({ db, log, inTurn }, run, row, after, answer, () => {
        streams--
        run.streams.delete(stream)
        if (run.streams.size === 0 && watched.get(row.id) === run) watched.delete(row.id)
      })
      run.streams.add(stream)
      stream.wake()
      return true
    },
    start() {
      timers = [
        every(LOOK_EVERY_MS, look),
        every(WAITING_EVERY_MS, tellWaiting),
        setInterval(() => {
          for (const run of watched.values()) for (const stream of run.streams) stream.beat()
        }, HEARTBEAT_MS),
      ]
      return Promise.resolve()
    },
    stop() {
      for (const timer of timers) clearInterval(timer)
      for (const run of watched.values()) for (const stream of run.streams) stream.end()
      return Promise.resolve()
    },
  }
}

function openStream(
  deps: { readonly db: Queryable; readonly log: Logger; readonly inTurn: InTurn },
  run: Watched,
  row: RunRow,
  after: number,
  answer: SseAnswer,
  closed: () => void,
): Stream {
  const out = answer.begin()
  let last = after
  let isLive = false
  let isClosed = false
  let isPumping = false
  let isWoken = false
  let stalled: NodeJS.Timeout | undefined
  out.once('close', () => {
    isClosed = true
    clearTimeout(stalled)
    closed()
  })
  // A broken connection ends in `close`; without a listener it would end the process.
  out.on('error', () => undefined)
  out.write('retry: 1000\n\n')
  if (row.queuedAt !== null && last < 1) {
    out.write(sseText({ seq: 1, type: 'run.queued', at: row.queuedAt, json: '{}' }))
    last = 1
  }

  async function send(text: string, seq: number): Promise<void> {
    last = seq
    if (out.write(text)) return
    stalled = setTimeout(() => out.destroy(), STALLED_MS)
    await new Promise<void>((resolve) => {
      const go = (): void => {
        out.off('drain', go)
        out.off('close', go)
        resolve()
      }
      out.on('drain', go)
      out.on('close', go)
    })
    clearTimeout(stalled)
  }

  /** Tells what is stored until nothing is left, and the end where the run is over. */
  async function pump(): Promise<void> {
    for (let wasOver = false, isKnown = false; !isClosed;) {
      isWoken = false
      // Once from the database, because what was stored before this reader came is not all in memory.
      const recent = isKnown && !wasOver ? recentAfter(run, last) : null
      const news = recent ?? (await readStored())
      isKnown = true
      for (const event of news) {
        if (isClosed) return
        await send(sseText(event), event.seq)
      }
      if (news.length > 0) continue
      if (run.isOver) {
        // Read once more after it was known to be over: all of its events were stored before.
        if (wasOver) return tellEnd()
        wasOver = true
        continue
      }
      if (isWoken || run.head > last) continue
      isLive = true
      return
    }
  }

  /** A database that is busy now is asked again: a reader that is sent away comes back at once and makes it busier. */
  async function ask<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await deps.inTurn(work)
      } catch (error) {
        if (tries === READ_TRIES || isClosed) throw error
        await pause(READ_AGAIN_MS)
      }
    }
  }

  async function readStored(): Promise<RunEvent[]> {
    const rows = await ask(() => deps.db.query(READ_EVENTS, [run.accountId, run.runId, last, PAGE]))
    return rows.map(eventOf)
  }

  async function tellEnd(): Promise<void> {
    const now = await ask(() => findRun(deps, run.accountId, run.runId))
    if (now === null || now.finishedAt === null || isClosed) return void out.end()
    if (now.queuedAt === null && run.head === 0)
      for (const event of eventsOfLogs(now)) if (event.seq > last) await send(sseText(event), event.seq)
    const json = JSON.stringify(presentRun(factsOf(now)))
    await send(sseText({ seq: last + 1, type: 'run.settled', at: now.finishedAt, json }), last + 1)
    out.end()
  }

  const stream: Stream = {
    after: () => last,
    isDraining: answer.isDraining,
    tell(news, texts) {
      const [firstOne] = news
      const lastOne = news.at(-1)
      if (firstOne === undefined || lastOne === undefined || lastOne.seq <= last) return
      if (isLive && firstOne.seq === last + 1 && !out.writableNeedDrain) {
        last = lastOne.seq
        out.write(texts())
      } else stream.wake()
    },
    wake() {
      isLive = false
      isWoken = true
      if (isPumping || isClosed) return
      isPumping = true
      pump()
        .catch((error: unknown) => {
          deps.log.warn({ err: error, runId: run.runId }, 'a stream of events broke off')
          out.end()
        })
        .finally(() => {
          isPumping = false
          if (isWoken && !isLive && !isClosed && !out.writableEnded) stream.wake()
        })
    },
    beat() {
      if (!out.writableNeedDrain && !out.writableEnded) out.write(': still here\n\n')
    },
    waiting(text) {
      if (!out.writableNeedDrain && !out.writableEnded) out.write(text)
    },
    end: () => void out.end(),
  }
  return stream
}

function remember(run: Watched, news: readonly RunEvent[]): void {
  for (const event of news) {
    const newest = run.recent.at(-1)
    if (newest !== undefined && event.seq <= newest.seq) continue
    if (newest !== undefined && event.seq !== newest.seq + 1) {
      run.recent = []
      run.recentChars = 0
    }
    run.recent.push(event)
    run.recentChars += event.json.length
  }
  while (run.recent.length > RECENT_EVENTS || run.recentChars > RECENT_CHARS)
    run.recentChars -= run.recent.shift()?.json.length ?? 0
}

/** Null where memory does not reach back so far. */
function recentAfter(run: Watched, last: number): RunEvent[] | null {
  if (run.head <= last) return []
  const [oldest] = run.recent
  if (oldest === undefined || oldest.seq > last + 1) return null
  return run.recent.slice(last + 1 - oldest.seq)
}

type InTurn = <T>(work: () => Promise<T>) => Promise<T>

/** At most so many at a time, the others in the order they came. */
function createTurns(atOnce: number): InTurn {
  let going = 0
  const queue: (() => void)[] = []
  return async (work) => {
    if (going >= atOnce) await new Promise<void>((resolve) => queue.push(resolve))
    else going++
    try {
      return await work()
    } finally {
      const next = queue.shift()
      if (next === undefined) going--
      else next()
    }
  }
}

/** What there is to tell of a run whose events were not stored one by one. */
function eventsOfLogs(row: RunRow): RunEvent[] {
  const logs: unknown = row.logs === null ? [] : JSON.parse(decodeBlob(row.logs).toString('utf8'))
  const lines = Array.isArray(logs) ? logs : []
  return [
    { seq: 1, type: 'run.started', at: row.createdAt, json: '{}' },
    ...lines.map((line, n) => ({ seq: n + 2, type: 'run.log', at: row.createdAt, json: JSON.stringify(line) })),
  ]
}

const eventOf = ({ seq, type, data, created_at }: EventRow): RunEvent => ({
  seq,
  type,
  at: created_at,
  json: decodeBlob(data).toString('utf8'),
})

/** One event on the wire. What agents wrote may hold line breaks between tokens, which would end the field early. */
function sseText({ seq, type, at, json }: RunEvent): string {
  const data = joined({ seq, at: at.toISOString() }, json).replaceAll(/[\r\n]/g, ' ')
  return `id: ${seq}\nevent: ${type}\ndata: ${data}\n\n`
}

/** Two JSON objects as one, the second as the text it is. */
function joined(head: object, json: string): string {
  const own = JSON.stringify(head)
  return json === '{}' ? own : `${own.slice(0, -1)},${json.slice(json.indexOf('{') + 1)}`
}
