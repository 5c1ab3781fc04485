import type { IncomingMessage } from 'node:http'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** `long`: the body may take as long as it likes, as long as it keeps coming. */
    body?: 'long'
  }
}

export type BodyWatchOptions = {
  /** A whole request has to be there by then; a long one may be slower than its least rate until then. */
  readonly requestTimeoutMs: number
  /** A long body of which nothing came for so long is given up. */
  readonly idleMs: number
  /** And one that is slower than this on the whole. */
  readonly minBytesPerSecond: number
  readonly monotonicMs: () => number
  /** Answers and ends the connection. */
  readonly onLate: (raw: IncomingMessage, why: 'late' | 'idle' | 'slow') => void
}

export type BodyWatch = {
  /** A request that has a body begins. */
  add(raw: IncomingMessage, kind: 'short' | 'long'): void
  /** Its body is here. Whoever does not say so is found out by the next look; but a second's requests kept and gone through
   * cost a run a tenth of the server's time, with their garbage. */
  done(raw: IncomingMessage): void
  /** Looks at all of them. Called by itself every second while there are any; tests call it too. */
  look(): void
  stop(): void
  readonly watched: number
}

type Watched = {
  readonly isLong: boolean
  readonly startedMs: number
  readonly startBytes: number
  bytes: number
  movedMs: number
  /** Time in which it was we who did not take what had come. */
  oursMs: number
  lookedMs: number
}

const LOOK_EVERY_MS = 1_000

/** Ends requests whose bodies do not come. Not Node's `requestTimeout`, which knows one time for all requests: short
 * enough against slow senders it cuts a gigabyte on an ordinary line. */
export function createBodyWatch(options: BodyWatchOptions): BodyWatch {
  const { requestTimeoutMs, idleMs, minBytesPerSecond, monotonicMs, onLate } = options
  const watched = new Map<IncomingMessage, Watched>()
  let timer: NodeJS.Timeout | undefined

  function verdict(one: Watched, nowMs: number): 'late' | 'idle' | 'slow' | null {
    const tookMs = nowMs - one.startedMs
    if (!one.isLong) return tookMs > requestTimeoutMs ? 'late' : null
    if (nowMs - one.movedMs > idleMs) return 'idle'
    const theirsMs = tookMs - one.oursMs
    const isSlow = theirsMs > requestTimeoutMs && one.bytes - one.startBytes < (theirsMs / 1_000) * minBytesPerSecond
    return isSlow ? 'slow' : null
  }

  function look(): void {
    const nowMs = monotonicMs()
    for (const [raw, one] of watched) {
      if (raw.complete || raw.destroyed) {
        watched.delete(raw)
        continue
      }
      const bytes = raw.socket.bytesRead
      // What lies here unread holds the sender up: that is not its idleness.
      const isHeldUp = raw.readableLength > 0
      if (isHeldUp) one.oursMs += nowMs - one.lookedMs
      if (bytes > one.bytes || isHeldUp) one.movedMs = nowMs
      one.bytes = bytes
      one.lookedMs = nowMs
      const why = verdict(one, nowMs)
      if (why === null) continue
      watched.delete(raw)
      onLate(raw, why)
    }
    if (watched.size === 0) stop()
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }

  return {
    add(raw, kind) {
      const nowMs = monotonicMs()
      const bytes = raw.socket.bytesRead
      const isLong = kind === 'long'
      const began = { startedMs: nowMs, startBytes: bytes, bytes, movedMs: nowMs, oursMs: 0, lookedMs: nowMs }
      watched.set(raw, { isLong, ...began })
      timer ??= setInterval(look, LOOK_EVERY_MS).unref()
    },
    done: (raw) => void watched.delete(raw),
    look,
    stop,
    get watched() {
      return watched.size
    },
  }
}

/** Whether a body was announced. */
export const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
