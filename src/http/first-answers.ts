import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { hasBody } from './body-watch.ts'

/** An answer that is ready whole: nothing of the request changes it any more. The same object for the same answer, so
 * that its headers are put together once. */
export type ReadyAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer | null
  /** Pattern for logs and metrics, as a route would have it. */
  readonly route: string
}

/** Finds what is ready for a request, or null: then it goes the way of every other. Called before anything is known of
 * who asks, so it answers only what everybody may have. */
export type FindReadyAnswer = (req: IncomingMessage) => ReadyAnswer | null

declare module 'fastify' {
  interface FastifyInstance {
    /** Has requests answered before the framework sees them, where their answer is ready. One finder an app. */
    answerFirst(find: FindReadyAnswer): void
  }
}

/** The way past the framework for what is asked for most, pages from memory: routing, hooks, compression and the tag of
 * the answer cost three times what node:http does with it (docs/measurements.md, "Pages"). What holds for every answer
 * holds for these: the headers, the request's id, the limit of the address, its line in the log, its place in the metrics
 * and in the drain.
 * @param deps.admit counts the address; throws where it has asked too often, and the framework then says so
 * @param deps.open begins a request and sees to its end @param deps.headers of every answer */
export function installFirstAnswers(
  app: FastifyInstance,
  deps: {
    readonly admit: (address: string) => void
    readonly open: (res: ServerResponse, route: string, id: string) => void
    readonly headers: Readonly<Record<string, string>>
    readonly isDraining: () => boolean
    /** Whether somebody in between says where requests come from: only the framework reads that. */
    readonly hasProxies: boolean
  },
): void {
  let find: FindReadyAnswer | undefined
  const flat = new WeakMap<ReadyAnswer, readonly string[]>()

  function headersOf(answer: ReadyAnswer): readonly string[] {
    let headers = flat.get(answer)
    if (headers === undefined) {
      const length = answer.body === null ? {} : { 'content-length': String(answer.body.byteLength) }
      headers = Object.entries({ ...deps.headers, ...answer.headers, ...length }).flat()
      flat.set(answer, headers)
    }
    return headers
  }

  function isAnswered(req: IncomingMessage, res: ServerResponse): boolean {
    if (find === undefined || req.method !== 'GET' || deps.isDraining()) return false
    // Nobody asks for a page with a body. The framework watches that it comes; here it would hold its socket for ever.
    if (hasBody(req)) return false
    if (deps.hasProxies && req.headers['x-forwarded-for'] !== undefined) return false
    const answer = find(req)
    if (answer === null) return false
    try {
      deps.admit(req.socket.remoteAddress ?? '')
    } catch {
      return false
    }
    const id = randomUUID()
    deps.open(res, answer.route, id)
    res.writeHead(answer.status, [...headersOf(answer), 'x-request-id', id])
    res.end(answer.body)
    return true
  }

  app.decorate('answerFirst', (given) => {
    if (find !== undefined) throw new Error('answers are found by one finder')
    find = given
    const [framework, ...others] = app.server.listeners('request')
    if (!isListener(framework) || others.length > 0) throw new Error('the framework is not the only one who listens')
    app.server.removeAllListeners('request')
    app.server.on('request', (req, res) => {
      if (!isAnswered(req, res)) framework(req, res)
    })
  })
}

const isListener = (value: unknown): value is RequestListener => typeof value === 'function'
