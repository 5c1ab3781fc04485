import { createHash } from 'node:crypto'
import { createBoundedCache } from '../platform/bounded-cache.ts'
import type { Clock } from '../platform/clock.ts'
import { compress, type Encoding } from './site-assets.ts'

/** A page as the site rendered it for nobody in particular. */
export type RenderedPage = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly html: string
  /** False for what is answered once and asked again: errors, redirects, pages that set cookies. */
  readonly isKept: boolean
}

/** The same, ready to be sent to many. */
export type KeptPage = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Compressed when first asked for, then kept. */
  body(encoding: Encoding): Promise<Buffer>
  /** The same where it has been compressed already. */
  ready(encoding: Encoding): Buffer | undefined
}

export type PageCache = {
  /** @param key what tells pages apart   @param render makes the page, if it is not there
   * @returns null if more pages are being rendered than there is room for */
  get(key: string, render: () => Promise<RenderedPage>): KeptPage | Promise<KeptPage | null>
  /** The page if it is there and fresh: nothing is begun for it. */
  fresh(key: string): KeptPage | undefined
}

/** How old a page may be before it is made anew, and how old it may be shown while that happens. */
const FRESH_MS = 5_000
const STALE_MS = 60_000
const MEMORY_BYTES = 64_000_000
/** A page rendered takes about 20 ms of a processor. More at once take it from runs, and none would come sooner. */
const MAX_RENDERING = 4
const MAX_WAITING = 200

type Entry = { readonly page: KeptPage; readonly madeMs: number }

/** Pages that are the same for every visitor: each is rendered by one request for all, every few seconds at most. A page
 * that has gone stale is shown once more while it is made anew, so that nobody waits for a page that is asked for. */
export function createPageCache(deps: { readonly clock: Clock }): PageCache {
  const entries = createBoundedCache<Entry>(MEMORY_BYTES)
  const underway = new Map<string, Promise<KeptPage | null>>()
  const waiting: (() => void)[] = []
  let rendering = 0

  async function takeTurn(): Promise<boolean> {
    if (rendering < MAX_RENDERING) {
      rendering += 1
      return true
    }
    if (waiting.length >= MAX_WAITING) return false
    await new Promise<void>((turn) => waiting.push(turn))
    return true
  }

  /** Hands the turn on, or gives it back. */
  function endTurn(): void {
    const next = waiting.shift()
    if (next === undefined) rendering -= 1
    else next()
  }

  async function make(key: string, render: () => Promise<RenderedPage>): Promise<KeptPage | null> {
    if (!(await takeTurn())) return null
    try {
      const rendered = await render()
      const page = keep(rendered)
      // Twice for what is kept compressed.
      if (rendered.isKept)
        entries.set(key, { page, madeMs: deps.clock.monotonicMs() }, 2 * rendered.html.length + 1_000)
      return page
    } finally {
      endTurn()
    }
  }

  function flight(key: string, render: () => Promise<RenderedPage>): Promise<KeptPage | null> {
    let making = underway.get(key)
    if (making === undefined) {
      making = make(key, render).finally(() => underway.delete(key))
      underway.set(key, making)
    }
    return making
  }

  return {
    fresh(key) {
      const entry = entries.get(key)
      return entry !== undefined && deps.clock.monotonicMs() - entry.madeMs < FRESH_MS ? entry.page : undefined
    },
    get(key, render) {
      const entry = entries.get(key)
      if (entry === undefined) return flight(key, render)
      const ageMs = deps.clock.monotonicMs() - entry.madeMs
      if (ageMs < FRESH_MS) return entry.page
      if (ageMs > STALE_MS) return flight(key, render)
      // Whoever asks next after it failed tries again; until then, or until it is too old, the old one is shown.
      flight(key, render).catch(() => undefined)
      return entry.page
    },
  }
}

function keep({ status, headers, html }: RenderedPage): KeptPage {
  const plain = Buffer.from(html)
  const bodies = new Map<Encoding, Promise<Buffer>>()
  const ready = new Map<Encoding, Buffer>()
  const etag = `W/"${createHash('sha1').update(plain).digest('base64url')}"`
  return {
    status,
    headers: status === 200 ? { ...headers, etag } : headers,
    body(encoding) {
      let body = bodies.get(encoding)
      if (body === undefined) {
        body = compress(plain, encoding, 5).then((bytes) => {
          ready.set(encoding, bytes)
          return bytes
        })
        bodies.set(encoding, body)
      }
      return body
    },
    ready: (encoding) => ready.get(encoding),
  }
}
