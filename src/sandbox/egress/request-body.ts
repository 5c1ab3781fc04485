import { EgressFailed } from './egress.errors.ts'

export type RequestBody = {
  /** In bytes, where the sender knows it; otherwise it goes out in chunks. */
  readonly size: number | null
  readonly chunks: AsyncIterable<Uint8Array>
}

const KEPT_BYTES = 1_048_576

/** A body that can be sent a second time, which a redirect may ask for, as long as it is small. */
export class ReplayableBody {
  readonly size: number | null
  readonly #source: AsyncIterator<Uint8Array>
  readonly #maxBytes: number
  #kept: Uint8Array[] | null = []
  #bytes = 0

  constructor(body: RequestBody, maxBytes: number) {
    if (body.size !== null && body.size > maxBytes) throw tooLarge(maxBytes)
    this.size = body.size
    this.#source = body.chunks[Symbol.asyncIterator]()
    this.#maxBytes = maxBytes
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    if (this.#kept === null) throw new EgressFailed('A redirect asks for the body again, which is too large to be kept')
    yield* this.#kept
    for (;;) {
      const { done, value } = await this.#source.next()
      if (done === true) {
        if (this.size !== null && this.#bytes < this.size)
          throw new EgressFailed('The body is shorter than was announced')
        return
      }
      this.#bytes += value.length
      if (this.#bytes > this.#maxBytes) throw tooLarge(this.#maxBytes)
      if (this.size !== null && this.#bytes > this.size) throw new EgressFailed('The body is longer than was announced')
      if (this.#bytes > KEPT_BYTES) this.#kept = null
      else this.#kept?.push(value)
      yield value
    }
  }
}

const tooLarge = (maxBytes: number) => new EgressFailed(`The body has more than ${maxBytes} bytes`)
