import { z } from 'zod'
import type { EgressGrant } from '../sandbox.types.ts'
import { EgressRecord, type HostRecord } from './egress-record.ts'
import { performRequest, type EgressDeps } from './egress.ts'
import { EgressDenied, EgressFailed, EgressLimitReached } from './egress.errors.ts'

const text = (most: number) => z.string().max(most)
const id = z.number().int().min(0)

/** What a guest says to fetch. Every frame is bounded here and bound to a request of the run at hand by the bridge. */
export const fetchFrames = [
  z.strictObject({
    t: z.literal('fetch'),
    id,
    url: text(16_384),
    method: text(40),
    headers: z.array(z.tuple([text(256), text(16_384)])).max(100),
    redirect: z.enum(['follow', 'manual', 'error']),
    /** Has it a body? Its size, where the guest knows it. */
    body: z.boolean(),
    size: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  }),
  /** A piece of the request's body, sent when the host wants one. */
  z.strictObject({ t: z.literal('fetch_data'), id, bytes: z.number().int().min(1) }),
  z.strictObject({ t: z.literal('fetch_sent'), id }),
  /** The guest wants the next piece of the answer. */
  z.strictObject({ t: z.literal('fetch_pull'), id }),
  /** It no longer wants any. */
  z.strictObject({ t: z.literal('fetch_stop'), id }),
] as const
const fetchFrame = z.union(fetchFrames)
export type FetchFrame = z.infer<typeof fetchFrame>

/** What the host answers. `bytes` announces as many raw bytes after the line. */
export type FetchAnswer =
  | {
      readonly t: 'fetch_head'
      readonly id: number
      readonly status: number
      readonly statusText: string
      readonly url: string
      readonly redirected: boolean
      readonly headers: readonly (readonly [string, string])[]
      readonly body: boolean
    }
  | { readonly t: 'fetch_want'; readonly id: number }
  | { readonly t: 'fetch_chunk'; readonly id: number; readonly bytes: number }
  | { readonly t: 'fetch_end'; readonly id: number }
  | {
      readonly t: 'fetch_failed'
      readonly id: number
      /** EGRESS_DENIED, or null for what a network does. */
      readonly code: 'EGRESS_DENIED' | null
      readonly host: string | null
      readonly message: string
    }

export type FetchLimits = {
  readonly maxRequests: number
  readonly maxRunBytes: number
  readonly maxAtOnce: number
}

export type BridgeDeps = { readonly egress: EgressDeps; readonly limits: FetchLimits }

/** How a bridge speaks to its guest. */
export type GuestSide = {
  send(answer: FetchAnswer, payload?: Uint8Array): void
  /** Resolves when the guest has taken what was sent. */
  drained(): Promise<void>
  /** The run has used up what it may do over the network. */
  exhausted(why: string): void
}

/** Pieces of an answer as they go to the guest. */
const PIECE_BYTES = 262_144
const MAX_OPEN = 64

type Open = {
  readonly ended: AbortController
  /** The guest's answer to `fetch_want` at hand. */
  wanted: PromiseWithResolvers<Buffer | null> | null
  body: AsyncGenerator<Buffer> | null
  rest: Buffer
  isPulling: boolean
}

/** The host's end of one run's `fetch`. The guest asks, the host decides and does; both directions move one piece at a
 * time, so that neither an eager sender nor a slow reader fills the host's memory. */
export class FetchBridge {
  readonly #deps: BridgeDeps
  readonly #grant: EgressGrant
  readonly #guest: GuestSide
  readonly #record: EgressRecord
  readonly #pins = new Map<string, readonly string[]>()
  readonly #open = new Map<number, Open>()
  readonly #queue: (() => void)[] = []
  #atWork = 0
  #isClosed = false

  constructor(deps: BridgeDeps, grant: EgressGrant, guest: GuestSide) {
    this.#deps = deps
    this.#grant = grant
    this.#guest = guest
    this.#record = new EgressRecord(deps.limits)
  }

  get hosts(): readonly HostRecord[] {
    return this.#record.hosts
  }

  /** @returns how the frame breaks the protocol, null if it does not */
  heard(frame: FetchFrame, payload: Buffer | null): string | null {
    if (frame.t === 'fetch') return this.#begin(frame)
    const open = this.#open.get(frame.id)
    // It may have ended while the frame was on its way.
    if (open === undefined) return null
    switch (frame.t) {
      case 'fetch_data':
      case 'fetch_sent': {
        if (open.wanted === null) return 'a request body was sent that the host did not ask for'
        const { resolve } = open.wanted
        open.wanted = null
        resolve(frame.t === 'fetch_data' ? payload : null)
        return null
      }
      case 'fetch_pull':
        if (open.isPulling) return 'an answer was asked for twice at once'
        open.isPulling = true
        void this.#pull(frame.id, open)
        return null
      case 'fetch_stop':
        this.#end(frame.id, open)
        return null
    }
  }

  /** Ends all that is open. Nothing is sent any more. */
  close(): void {
    this.#isClosed = true
    for (const [requestId, open] of this.#open) this.#end(requestId, open)
    for (const go of this.#queue.splice(0)) go()
  }

  #begin(frame: Extract<FetchFrame, { t: 'fetch' }>): string | null {
    if (this.#open.has(frame.id)) return 'a request was sent twice'
    if (this.#open.size >= MAX_OPEN) {
      this.#fail(frame.id, new EgressFailed(`At most ${MAX_OPEN} requests may be open at once`))
      return null
    }
    const open: Open = {
      ended: new AbortController(),
      wanted: null,
      body: null,
      rest: Buffer.alloc(0),
      isPulling: false,
    }
    this.#open.set(frame.id, open)
    void this.#perform(frame, open)
    return null
  }

  async #perform(frame: Extract<FetchFrame, { t: 'fetch' }>, open: Open): Promise<void> {
    await this.#turn()
    try {
      open.ended.signal.throwIfAborted()
      const response = await performRequest(
        this.#deps.egress,
        { grant: this.#grant, record: this.#record, pins: this.#pins, signal: open.ended.signal },
        {
          url: frame.url,
          method: frame.method,
          headers: frame.headers,
          redirect: frame.redirect,
          body: frame.body ? { size: frame.size ?? null, chunks: this.#bodyOf(frame.id, open) } : null,
        },
      )
      if (!this.#isOpen(frame.id, open)) return
      const { status, statusText, url, headers, body } = response
      open.body = body
      this.#guest.send({
        t: 'fetch_head',
        id: frame.id,
        status,
        statusText,
        url,
        redirected: response.isRedirected,
        headers,
        body: body !== null,
      })
      if (body === null) this.#end(frame.id, open)
    } catch (error) {
      if (this.#isOpen(frame.id, open)) this.#fail(frame.id, error)
      this.#end(frame.id, open)
    } finally {
      this.#atWork--
      this.#queue.shift()?.()
    }
  }

  /** A place among the requests that wait for the head of their answer. */
  async #turn(): Promise<void> {
    if (this.#atWork >= this.#deps.limits.maxAtOnce) await new Promise<void>((resolve) => this.#queue.push(resolve))
    this.#atWork++
  }

  async *#bodyOf(requestId: number, open: Open): AsyncGenerator<Uint8Array> {
    for (;;) {
      if (!this.#isOpen(requestId, open)) throw new EgressFailed('The request was aborted')
      open.wanted = Promise.withResolvers()
      const { promise } = open.wanted
      this.#guest.send({ t: 'fetch_want', id: requestId })
      const piece = await promise
      if (piece === null) return
      yield piece
    }
  }

  async #pull(requestId: number, open: Open): Promise<void> {
    try {
      if (open.rest.length === 0) {
        const next = await open.body?.next()
        if (!this.#isOpen(requestId, open)) return
        if (next === undefined || next.done === true) {
          this.#guest.send({ t: 'fetch_end', id: requestId })
          return this.#end(requestId, open)
        }
        open.rest = next.value
      }
      await this.#guest.drained()
      if (!this.#isOpen(requestId, open)) return
      const piece = open.rest.subarray(0, PIECE_BYTES)
      open.rest = open.rest.subarray(piece.length)
      open.isPulling = false
      this.#guest.send({ t: 'fetch_chunk', id: requestId, bytes: piece.length }, piece)
    } catch (error) {
      if (this.#isOpen(requestId, open)) this.#fail(requestId, error)
      this.#end(requestId, open)
    }
  }

  #fail(requestId: number, error: unknown): void {
    if (error instanceof EgressLimitReached) return this.#guest.exhausted(error.message)
    const isDenied = error instanceof EgressDenied
    const isOurs = isDenied || error instanceof EgressFailed
    this.#guest.send({
      t: 'fetch_failed',
      id: requestId,
      code: isDenied ? 'EGRESS_DENIED' : null,
      host: isDenied ? error.host : null,
      message: isOurs ? error.message : 'The request failed',
    })
  }

  #isOpen(requestId: number, open: Open): boolean {
    return !this.#isClosed && this.#open.get(requestId) === open
  }

  #end(requestId: number, open: Open): void {
    if (this.#open.get(requestId) === open) this.#open.delete(requestId)
    open.wanted?.resolve(null)
    open.wanted = null
    open.ended.abort()
  }
}
