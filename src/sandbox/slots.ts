import { sandboxErrors } from './sandbox.errors.ts'
import type { Slot } from './sandbox.types.ts'

export type SlotsOptions = {
  readonly total: number
  readonly queueBound: number
  readonly queueBoundPerPayer: number
  readonly monotonicMs: () => number
}

type Waiting = { readonly since: number; readonly most: number; grant(slot: Slot): void; refuse(error: Error): void }

/** The right to run, handed out in turn between payers: one who sends a thousand runs waits behind himself, not in front
 * of everybody else. Bounded, so that overload becomes an early 429 rather than a late timeout. */
export class Slots {
  readonly #options: SlotsOptions
  /** Payers in turn; a payer who was just served goes to the end. Maps keep the order of insertion. */
  readonly #queues = new Map<string, Waiting[]>()
  /** Slots that a payer holds, for those who hold any. */
  readonly #takenBy = new Map<string, number>()
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

  /** @param options.most slots that this payer may hold at a time; beyond it he waits although some are free
   * @throws SANDBOX_BUSY when the queue is full, SANDBOX_STOPPED when closed, the signal's reason when aborted */
  acquire(
    payer: string,
    { signal, most = Infinity }: { readonly signal?: AbortSignal; readonly most?: number } = {},
  ): Promise<Slot> {
    if (this.#closed) return Promise.reject(sandboxErrors.SANDBOX_STOPPED())
    if (signal?.aborted) return Promise.reject(reasonOf(signal))
    const since = this.#options.monotonicMs()
    if (this.#taken < this.#options.total && this.#takenOf(payer) < most)
      return Promise.resolve(this.#take(payer, since))
    const queue = this.#queues.get(payer) ?? []
    if (this.#waiting >= this.#options.queueBound || queue.length >= this.#options.queueBoundPerPayer)
      return Promise.reject(sandboxErrors.SANDBOX_BUSY({ retryAfterSeconds: this.#retryAfterSeconds() }))
    return new Promise((resolve, reject) => {
      const stopListening = (): void => signal?.removeEventListener('abort', abandon)
      const waiting: Waiting = {
        since,
        most,
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

  #takenOf(payer: string): number {
    return this.#takenBy.get(payer) ?? 0
  }

  #take(payer: string, since: number): Slot {
    this.#taken++
    this.#takenBy.set(payer, this.#takenOf(payer) + 1)
    const takenAt = this.#options.monotonicMs()
    let released = false
    return {
      waitedMs: takenAt - since,
      release: () => {
        if (released) return
        released = true
        this.#taken--
        const left = this.#takenOf(payer) - 1
        if (left > 0) this.#takenBy.set(payer, left)
        else this.#takenBy.delete(payer)
        this.#meanHeldMs += (this.#options.monotonicMs() - takenAt - this.#meanHeldMs) * 0.05
        this.#serveNext()
      },
    }
  }

  /** Whoever is at his own limit is passed over, and keeps his turn. */
  #serveNext(): void {
    for (const [payer, queue] of this.#queues) {
      const [waiting] = queue
      if (waiting === undefined || this.#takenOf(payer) >= waiting.most) continue
      queue.shift()
      this.#queues.delete(payer)
      if (queue.length > 0) this.#queues.set(payer, queue)
      this.#waiting--
      waiting.grant(this.#take(payer, waiting.since))
      return
    }
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
