import { sandboxErrors } from './sandbox.errors.ts'
import type { Slot } from './sandbox.types.ts'

export type SlotsOptions = {
  readonly total: number
  readonly queueBound: number
  readonly queueBoundPerPayer: number
  readonly monotonicMs: () => number
}

type Waiting = { readonly since: number; grant(slot: Slot): void; refuse(error: Error): void }

/** The right to run, handed out in turn between payers: one who sends a thousand runs waits behind himself, not in front
 * of everybody else. Bounded, so that overload becomes an early 429 rather than a late timeout. */
export class Slots {
  readonly #options: SlotsOptions
  /** Payers in turn; a payer who was just served goes to the end. Maps keep the order of insertion. */
  readonly #queues = new Map<string, Waiting[]>()
  #taken = 0
  #waiting = 0
  /** Moving mean of how long a slot is held, for Retry-After. */
  #meanHeldMs = 100
  #closed = false

  constructor(options: SlotsOptions) {
    this.#options = options
  }

  get taken(): number {
    return this.#taken
  }

  get waiting(): number {
    return this.#waiting
  }

  /** @throws SANDBOX_BUSY when the queue is full, SANDBOX_STOPPED when closed, the signal's reason when aborted */
  acquire(payer: string, signal?: AbortSignal): Promise<Slot> {
    if (this.#closed) return Promise.reject(sandboxErrors.SANDBOX_STOPPED())
    if (signal?.aborted) return Promise.reject(reasonOf(signal))
    const since = this.#options.monotonicMs()
    if (this.#taken < this.#options.total) return Promise.resolve(this.#take(since))
    const queue = this.#queues.get(payer) ?? []
    if (this.#waiting >= this.#options.queueBound || queue.length >= this.#options.queueBoundPerPayer)
      return Promise.reject(sandboxErrors.SANDBOX_BUSY({ retryAfterSeconds: this.#retryAfterSeconds() }))
    return new Promise((resolve, reject) => {
      const stopListening = (): void => signal?.removeEventListener('abort', abandon)
      const waiting: Waiting = {
        since,
        grant: (slot) => {
          stopListening()
          resolve(slot)
        },
        refuse: (error) => {
          stopListening()
          reject(error)
        },
      }
      const abandon = (): void => {
        this.#leave(payer, waiting)
        if (signal) reject(reasonOf(signal))
      }
      signal?.addEventListener('abort', abandon, { once: true })
      queue.push(waiting)
      this.#queues.set(payer, queue)
      this.#waiting++
    })
  }

  /** Refuses everybody who waits, and whoever comes. */
  close(): void {
    this.#closed = true
    const queues = [...this.#queues.values()]
    this.#queues.clear()
    this.#waiting = 0
    for (const queue of queues) for (const waiting of queue) waiting.refuse(sandboxErrors.SANDBOX_STOPPED())
  }

  #take(since: number): Slot {
    this.#taken++
    const takenAt = this.#options.monotonicMs()
    let released = false
    return {
      waitedMs: takenAt - since,
      release: () => {
        if (released) return
        released = true
        this.#taken--
        this.#meanHeldMs += (this.#options.monotonicMs() - takenAt - this.#meanHeldMs) * 0.05
        this.#serveNext()
      },
    }
  }

  #serveNext(): void {
    const first = this.#queues.entries().next()
    if (first.done) return
    const [payer, queue] = first.value
    const waiting = queue.shift()
    this.#queues.delete(payer)
    if (queue.length > 0) this.#queues.set(payer, queue)
    if (waiting === undefined) return
    this.#waiting--
    waiting.grant(this.#take(waiting.since))
  }

  #leave(payer: string, waiting: Waiting): void {
    const queue = this.#queues.get(payer)
    const at = queue?.indexOf(waiting) ?? -1
    if (queue === undefined || at < 0) return
    queue.splice(at, 1)
    this.#waiting--
    if (queue.length === 0) this.#queues.delete(payer)
  }

  #retryAfterSeconds(): number {
    const untilFreeMs = (this.#waiting / this.#options.total) * this.#meanHeldMs
    return Math.min(60, Math.max(1, Math.ceil(untilFreeMs / 1_000)))
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal.reason })
}
