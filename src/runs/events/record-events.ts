import { setTimeout as pause } from 'node:timers/promises'
import { encodeBlob } from '../../platform/blob.ts'
import type { Queryable } from '../../platform/database.ts'
import type { Logger } from '../../platform/logger.ts'
import type { Service } from '../../platform/service.ts'
import { STORE_EVENTS } from './events.queries.ts'

export type RunEventType =
  | 'run.queued'
  | 'run.started'
  | 'run.progress'
  | 'run.log'
  | 'run.chunk'
  | 'run.charged'
  | 'run.artifact'
  | 'run.settled'

/** An event of a run: numbered from 1, without gaps. */
export type RunEvent = {
  readonly seq: number
  readonly type: string
  readonly at: Date
  /** Its facts, as the text of a JSON object. */
  readonly json: string
}

/** Numbers what happens in one run, in order. */
export type Recorder = {
  /** @param json the text of a JSON object */
  add(type: RunEventType, json: string): void
  /** From now on events are stored as they come, those before included. */
  goLive(): void
  /** Resolves when everything added is stored; at once where nothing is. */
  flush(): Promise<void>
  /** Null, or resolves when so much is stored that more may be added. */
  untilFree(): Promise<void> | null
  close(): void
}

export type RunEvents = Service & {
  /** @param options.after the last number given before   @param options.isLive whether to store from the start */
  record(
    run: { readonly accountId: string; readonly runId: string },
    options: { readonly after: number; readonly isLive: boolean },
  ): Recorder
  /** The recorder of a run that this process executes. */
  recorderOf(runId: string): Recorder | undefined
  /** Told of what is stored, in order within a run. */
  onStored(hear: (runId: string, events: readonly RunEvent[]) => void): void
  /** Events not stored yet. For metrics. */
  readonly waiting: number
}

type Item = {
  readonly accountId: string
  readonly runId: string
  readonly event: RunEvent
  readonly data: Buffer
  readonly stored: () => void
}

const AT_ONCE = 500
const MAX_BYTES = 2_000_000
/** What one run may have waiting: beyond it its sandbox is not listened to. */
const MAX_WAITING_BYTES = 1_000_000
/** Kept of a run that nobody watches, in case somebody does. */
const MAX_KEPT = 2_000
const PATIENCE_MS = 60_000
const RETRY_MS = 200

/** Stores events of runs in order, many runs in one statement. As with runs themselves nothing waits for a timer: what
 * arrives while a statement is under way forms the next one.
 *
 * A run within a request, which is answered with its result, is not stored event by event: that would cost it a row a log
 * line. Its events are numbered and kept in memory; they are stored once there is a reason: the agent emits or puts
 * an artifact, or somebody watches. Without one, its logs in the row are all there is to tell. */
export function createRunEvents(deps: {
  readonly db: Queryable
  readonly log: Logger
  readonly ownerId: string
}): RunEvents {
  const { db, log, ownerId } = deps
  const recorders = new Map<string, Recorder>()
  let waiting: Item[] = []
  let writing: Promise<void> | undefined
  let hear: (runId: string, events: readonly RunEvent[]) => void = () => undefined
  let isStopped = false

  function writeSoon(): void {
    writing ??= write().finally(() => {
      writing = undefined
      if (waiting.length > 0 && !isStopped) writeSoon()
    })
  }

  async function write(): Promise<void> {
    // To the end of this turn: what is said in one breath is one statement.
    await Promise.resolve()
    while (waiting.length > 0 && !isStopped) {
      const batch = nextBatch()
      await store(batch)
      const byRun = new Map<string, RunEvent[]>()
      for (const { runId, event } of batch) {
        const events = byRun.get(runId)
        if (events === undefined) byRun.set(runId, [event])
        else events.push(event)
      }
      for (const [runId, events] of byRun) hear(runId, events)
      for (const item of batch) item.stored()
    }
  }

  function nextBatch(): Item[] {
    let count = 0
    for (let bytes = 0; count < waiting.length && count < AT_ONCE; count++) {
      bytes += waiting[count]?.data.byteLength ?? 0
      if (bytes > MAX_BYTES && count > 0) break
    }
    const batch = waiting.slice(0, count)
    waiting = waiting.slice(count)
    return batch
  }

  async function store(batch: readonly Item[]): Promise<void> {
    for (const giveUpAt = performance.now() + PATIENCE_MS; !isStopped; await pause(RETRY_MS)) {
      try {
        await db.execute(STORE_EVENTS, [
          batch.map((item) => item.accountId),
          batch.map((item) => item.runId),
          batch.map((item) => item.event.seq),
          batch.map((item) => item.event.type),
          batch.map((item) => item.data),
          batch.map((item) => item.event.at),
          ownerId,
        ])
        return
      } catch (error) {
        log.warn({ err: error, events: batch.length }, 'events of runs were not stored')
        if (performance.now() > giveUpAt) return
      }
    }
  }

  return {
    name: 'run events',
    get waiting() {
      return waiting.length
    },
    onStored(listener) {
      hear = listener
    },
    recorderOf: (runId) => recorders.get(runId),
    record({ accountId, runId }, { after, isLive: isLiveFromStart }) {
      let seq = after
      let isLive = isLiveFromStart
      let unstored = 0
      let unstoredBytes = 0
      const kept: RunEvent[] = []
      let wakers: (() => void)[] = []

      function enqueue(event: RunEvent): void {
        const data = encodeBlob(Buffer.from(event.json))
        unstored++
        unstoredBytes += data.byteLength
        const stored = (): void => {
          unstored--
          unstoredBytes -= data.byteLength
          const woken = wakers
          wakers = []
          for (const wake of woken) wake()
        }
        waiting.push({ accountId, runId, event, data, stored })
        writeSoon()
      }
      const until = async (isThere: () => boolean): Promise<void> => {
        while (!isThere() && !isStopped) await new Promise<void>((resolve) => wakers.push(resolve))
      }
      const recorder: Recorder = {
        add(type, json) {
          if (!isLive && kept.length >= MAX_KEPT) return
          const event = { seq: ++seq, type, at: new Date(), json }
          if (isLive) enqueue(event)
          else kept.push(event)
        },
        goLive() {
          if (isLive) return
          isLive = true
          for (const event of kept.splice(0)) enqueue(event)
        },
        flush: () => until(() => unstored === 0),
        untilFree: () =>
          unstoredBytes > MAX_WAITING_BYTES ? until(() => unstoredBytes <= MAX_WAITING_BYTES / 2) : null,
        close: () => void recorders.delete(runId),
      }
      recorders.set(runId, recorder)
      return recorder
    },
    start: () => Promise.resolve(),
    async drain() {
      while (waiting.length > 0 && writing !== undefined) await writing
    },
    async stop() {
      isStopped = true
      await writing
    },
  }
}
