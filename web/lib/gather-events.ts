/** Events that came since the last frame, as one. */
export type Gatherer<E> = {
  add(events: readonly E[]): void
  /** Takes in what waits, at once. */
  flush(): void
  /** Takes in no more by itself. */
  stop(): void
  /** The last event that waits. */
  last(): E | undefined
}

/** Where frames come from: the window, but for tests. */
export type Frames = { readonly request: (draw: () => void) => number; readonly cancel: (frame: number) => void }

/** What is taken in at once where no frame comes: more at a time is no faster, and the memory of a page has an end. */
const MOST_WAITING = 2_000

const WINDOW: Frames = {
  request: (draw) => requestAnimationFrame(draw),
  cancel: (frame) => cancelAnimationFrame(frame),
}

/** Takes events in once a frame: an agent may log ten thousand lines in a second. A page in the background gets no frames
 * for hours, so there they are taken in by the thousand, in order, and none is dropped.
 * @param take what happens to them */
export function gatherEvents<E>(take: (events: readonly E[]) => void, frames: Frames = WINDOW): Gatherer<E> {
  let waiting: E[] = []
  let frame: number | null = null
  let isStopped = false

  const cancel = (): void => {
    if (frame !== null) frames.cancel(frame)
    frame = null
  }
  const flush = (): void => {
    cancel()
    const events = waiting
    waiting = []
    if (events.length > 0) take(events)
  }
  return {
    add(events) {
      for (const event of events) waiting.push(event)
      if (isStopped) return
      if (waiting.length >= MOST_WAITING) flush()
      else frame ??= frames.request(flush)
    },
    flush,
    stop() {
      isStopped = true
      cancel()
    },
    last: () => waiting.at(-1),
  }
}
