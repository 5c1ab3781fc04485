export type Parts = {
  /** The next part, to be read to its end before the next is asked for; null where nothing is left. */
  next(): Promise<AsyncIterable<Uint8Array> | null>
  /** Why the content ended before its end, once `next` has given null. */
  fault(): Error | null
}

/** Cuts a stream into parts of at most so many bytes, as it arrives. A stream that breaks off ends the last part with what
 * had come: half of it is worth keeping. */
export function cutIntoParts(content: AsyncIterable<Uint8Array>, partBytes: number): Parts {
  const source = content[Symbol.asyncIterator]()
  let held: Uint8Array | null = null
  let fault: Error | null = null

  /** Null at the end, however it came. */
  async function pull(): Promise<Uint8Array | null> {
    if (held !== null) {
      const chunk = held
      held = null
      return chunk
    }
    if (fault !== null) return null
    try {
      for (let step = await source.next(); step.done !== true; step = await source.next())
        if (step.value.byteLength > 0) return step.value
    } catch (error) {
      fault = error instanceof Error ? error : new Error('the content broke off', { cause: error })
    }
    return null
  }

  async function* part(first: Uint8Array): AsyncGenerator<Uint8Array> {
    let left = partBytes
    for (let chunk: Uint8Array | null = first; chunk !== null; chunk = left > 0 ? await pull() : null) {
      const taken = chunk.subarray(0, left)
      if (taken.byteLength < chunk.byteLength) held = chunk.subarray(left)
      left -= taken.byteLength
      yield taken
    }
  }

  return {
    async next() {
      const first = await pull()
      return first === null ? null : part(first)
    },
    fault: () => fault,
  }
}
