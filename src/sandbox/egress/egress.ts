import { type ClientRequest, type IncomingMessage, request as requestHttp, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { pipeline, Transform, type Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { EgressGrant } from '../sandbox.types.ts'
import { isPublicAddress } from './address.ts'
import type { EgressRecord } from './egress-record.ts'
import { EgressDenied, EgressFailed } from './egress.errors.ts'
import { judge, type PolicyDeps, type Target } from './policy.ts'
import { createRedactor, type Redactor } from './redact.ts'
import { ReplayableBody, type RequestBody } from './request-body.ts'
import { fillHeader } from './secret-headers.ts'

export type EgressLimits = {
  readonly connectMs: number
  /** Between two pieces of an answer. */
  readonly idleMs: number
  /** Of a request with its redirects and its answer to the last byte. */
  readonly totalMs: number
  /** Largest answer, decompressed. */
  readonly maxResponseBytes: number
  readonly maxRequestBytes: number
}

export type EgressDeps = PolicyDeps & { readonly limits: EgressLimits }

export type Headers = readonly (readonly [string, string])[]

export type EgressRequest = {
  readonly url: string
  readonly method: string
  readonly headers: Headers
  readonly body: RequestBody | null
  readonly redirect: 'follow' | 'manual' | 'error'
  /** Only over https, on every hop; the operator's own hosts excepted. */
  readonly isEncrypted?: true
}

/** Whose request it is: what it may reach, where it is written down, and when it ends. */
export type EgressContext = {
  readonly grant: EgressGrant
  readonly record: EgressRecord
  readonly pins: Map<string, readonly string[]>
  readonly signal: AbortSignal
}

export type EgressResponse = {
  readonly status: number
  readonly statusText: string
  readonly url: string
  readonly isRedirected: boolean
  readonly headers: Headers
  /** Decompressed, bounded, without secrets; null where there is none. Throws EgressFailed in the middle. */
  readonly body: AsyncGenerator<Buffer> | null
}

const MAX_REDIRECTS = 10
const MAX_HEAD_BYTES = 65_536
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])
const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304])

/** What the host alone decides on: the connection, its framing, and where it leads. */
const HOST_HEADERS: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'transfer-encoding',
  'content-length',
  'te',
  'trailer',
  'upgrade',
  'expect',
  'accept-encoding',
])
/** What is not carried along to another origin, as fetch does it. */
const OF_ORIGIN: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization'])
/** What described the answer on the wire, which the reader does not get as it was. */
const OF_WIRE: ReadonlySet<string> = new Set([
  'content-encoding',
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
])

/** Performs one request of a run under the policy: judged, resolved and pinned for each hop, secrets put in for their
 * hosts only, everything bounded and written down.
 * @throws EgressDenied, EgressFailed */
export async function performRequest(
  deps: EgressDeps,
  context: EgressContext,
  order: EgressRequest,
): Promise<EgressResponse> {
  const ended = new AbortController()
  const timer = setTimeout(
    () => ended.abort(new EgressFailed(`The request took longer than ${deps.limits.totalMs} ms`)),
    deps.limits.totalMs,
  )
  const signal = AbortSignal.any([context.signal, ended.signal])
  // Also where the answer's body is never read.
  context.signal.addEventListener('abort', () => clearTimeout(timer), { once: true })
  try {
    const body = order.body === null ? null : new ReplayableBody(order.body, deps.limits.maxRequestBytes)
    const hop = { ...order, body, signal, context }
    const response = await follow(deps, hop)
    if (response.body === null) clearTimeout(timer)
    return { ...response, body: response.body === null ? null : clearing(response.body, timer) }
  } catch (error) {
    clearTimeout(timer)
    throw faultOf(error, signal)
  }
}

async function* clearing(body: AsyncGenerator<Buffer>, timer: NodeJS.Timeout): AsyncGenerator<Buffer> {
  try {
    yield* body
  } finally {
    clearTimeout(timer)
  }
}

type Hop = Omit<EgressRequest, 'body'> & {
  readonly body: ReplayableBody | null
  readonly signal: AbortSignal
  readonly context: EgressContext
}

async function follow(deps: EgressDeps, first: Hop): Promise<EgressResponse> {
  let hop = first
  let from: Target | null = null
  for (let redirects = 0; ; redirects++) {
    const target = await judgeAndRecord(deps, hop)
    const { response, sent } = await send(deps, hop, target, from)
    const location = REDIRECTS.has(response.statusCode ?? 0) ? response.headers.location : undefined
    if (location === undefined || hop.redirect === 'manual') return present(deps, hop, target, response, redirects > 0)
    response.destroy()
    if (hop.redirect === 'error') throw new EgressFailed('The answer is a redirect, which the request does not want')
    if (redirects === MAX_REDIRECTS) throw new EgressFailed(`More than ${MAX_REDIRECTS} redirects`)
    hop = redirected(hop, target, response.statusCode ?? 0, location)
    // What the ended request was about to send belongs to the next one.
    if (hop.body !== null) await sent
    from = target
  }
}

async function judgeAndRecord(deps: EgressDeps, { url, context, isEncrypted }: Hop): Promise<Target> {
  try {
    const target = await judge(deps, url, context.grant.hosts, context.pins)
    if (isEncrypted === true && target.url.protocol !== 'https:' && !target.isPrivateAllowed)
      throw new EgressDenied(target.hostAndPort, `${target.hostAndPort} is reached over https only`)
    context.record.request(target.hostAndPort)
    return target
  } catch (error) {
    if (error instanceof EgressDenied) context.record.refused(error.host)
    throw error
  }
}

/** The next request as fetch makes it of a redirect. */
function redirected(hop: Hop, from: Target, status: number, location: string): Hop {
  let url: URL
  try {
    url = new URL(location, from.url)
  } catch (error) {
    throw new EgressFailed('The redirect leads to no address', { cause: error })
  }
  const isOther = url.origin !== from.url.origin
  const headers = isOther ? hop.headers.filter(([name]) => !OF_ORIGIN.has(name.toLowerCase())) : hop.headers
  const isGet = (status === 303 && hop.method !== 'HEAD') || (status <= 302 && hop.method === 'POST')
  if (!isGet) return { ...hop, url: url.href, headers }
  const plain = headers.filter(([name]) => !name.toLowerCase().startsWith('content-'))
  return { ...hop, url: url.href, method: 'GET', headers: plain, body: null }
}

type Sent = {
  readonly response: IncomingMessage
  /** Resolves when no more of the body is taken; a fault ends the request. */
  readonly sent: Promise<void>
}

/** Sends a request. Its answer may begin before all of it is sent, and then both go on.
 * @param from where a redirect came from; null for the agent's own address */
async function send(deps: EgressDeps, hop: Hop, target: Target, from: Target | null): Promise<Sent> {
  const headers = headersFor(hop, target, from)
  const headBytes = target.url.href.length + headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
  hop.context.record.sent(target.hostAndPort, headBytes)
  const request = open(hop, target, headers)
  const answer = answerOf(deps, request, target)
  const sent = sendBody(hop, target, request).catch((error: unknown) => {
    request.destroy(error instanceof Error ? error : new EgressFailed('The body could not be sent'))
  })
  return { response: await answer, sent }
}

async function sendBody(hop: Hop, target: Target, request: ClientRequest): Promise<void> {
  if (hop.body !== null) {
    for await (const chunk of hop.body) {
      if (request.destroyed) return
      hop.context.record.sent(target.hostAndPort, chunk.length)
      if (!request.write(chunk)) await drained(request)
    }
  }
  request.end()
}

/** Waits until more may be written, or the request is over. */
async function drained(request: ClientRequest): Promise<void> {
  const events = ['drain', 'close'] as const
  await new Promise<void>((resolve) => {
    const wake = (): void => {
      for (const event of events) request.off(event, wake)
      resolve()
    }
    for (const event of events) request.on(event, wake)
  })
}

function headersFor(hop: Hop, target: Target, from: Target | null): (readonly [string, string])[] {
  const { grant } = hop.context
  const headers: (readonly [string, string])[] = [['host', target.hostAndPort]]
  for (const [name, given] of hop.headers) {
    const lower = name.toLowerCase()
    if (HOST_HEADERS.has(lower)) continue
    const filled = fillHeader(given, grant.secrets, target)
    if (filled.kind === 'value') headers.push([lower, filled.value])
    // Carried along by a redirect, it just stays behind.
    else if (from === null)
      throw new EgressDenied(
        target.hostAndPort,
        `The secret ${filled.secret} is not sent to ${target.hostAndPort}: ${filled.why}`,
      )
  }
  if (!headers.some(([name]) => name === 'user-agent')) headers.push(['user-agent', 'Bureau agent'])
  if (!headers.some(([name]) => name === 'accept')) headers.push(['accept', '*/*'])
  headers.push(['accept-encoding', 'gzip, deflate, br'])
  if (hop.body !== null && hop.body.size !== null) headers.push(['content-length', String(hop.body.size)])
  return headers
}

function open(hop: Hop, target: Target, headers: readonly (readonly [string, string])[]): ClientRequest {
  const { url, host, addresses } = target
  const options: RequestOptions = {
    method: hop.method,
    protocol: url.protocol,
    hostname: host,
    port: target.port,
    path: `${url.pathname}${url.search}`,
    headers: headers.flat(),
    // A connection of its own: what one run has open serves no other.
    agent: false,
    lookup: pinnedLookup(addresses),
    signal: hop.signal,
    maxHeaderSize: MAX_HEAD_BYTES,
    insecureHTTPParser: false,
  }
  try {
    return url.protocol === 'https:'
      ? requestHttps({ ...options, ...(isIP(host) === 0 ? { servername: host } : {}) })
      : requestHttp(options)
  } catch (error) {
    // A header or method that HTTP does not know.
    throw new EgressFailed(error instanceof Error ? error.message : 'The request is not valid', { cause: error })
  }
}

/** Answers what was judged, whatever is asked. */
function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_hostname, options, done) => {
    const [first] = all
    if (first === undefined) return done(new Error('no address'), '', 0)
    if (options.all === true) return done(null, [...all])
    done(null, first.address, first.family)
  }
}

/** The head of the answer. */
async function answerOf(deps: EgressDeps, request: ClientRequest, target: Target): Promise<IncomingMessage> {
  const { connectMs } = deps.limits
  return new Promise((resolve, reject) => {
    const connecting = setTimeout(
      () => void request.destroy(new EgressFailed(`${target.hostAndPort} did not accept within ${connectMs} ms`)),
      connectMs,
    )
    const done = (): void => clearTimeout(connecting)
    request.on('socket', (socket) => {
      socket.once('connect', () => {
        // What was judged is what the lookup gave; this asks the connection itself.
        if (!target.isPrivateAllowed && !isPublicAddress(socket.remoteAddress ?? ''))
          request.destroy(new EgressDenied(target.hostAndPort, `${target.hostAndPort} is not on the public internet`))
      })
      socket.once(target.url.protocol === 'https:' ? 'secureConnect' : 'connect', () => clearTimeout(connecting))
    })
    request.once('response', (response) => {
      done()
      resolve(response)
    })
    request.on('error', (error) => {
      done()
      reject(error)
    })
    request.once('close', () => {
      done()
      reject(new EgressFailed(`${target.hostAndPort} closed the connection`))
    })
  })
}

function present(
  deps: EgressDeps,
  hop: Hop,
  target: Target,
  response: IncomingMessage,
  isRedirected: boolean,
): EgressResponse {
  const redactor = createRedactor(hop.context.grant.secrets)
  const status = response.statusCode ?? 0
  if (status < 200 || status > 599) {
    response.destroy()
    throw new EgressFailed(`${target.hostAndPort} answered with the status ${status}`)
  }
  const hasBody = hop.method !== 'HEAD' && !WITHOUT_BODY.has(status)
  if (!hasBody) response.destroy()
  const headers: (readonly [string, string])[] = []
  for (let at = 0; at + 1 < response.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = response.rawHeaders.slice(at, at + 2)
    if (!OF_WIRE.has(name.toLowerCase())) headers.push([name.toLowerCase(), redactor.text(value)])
  }
  return {
    status,
    statusText: redactor.text((response.statusMessage ?? '').replaceAll(/[^\x20-\x7e]/g, ' ')),
    url: target.url.href,
    isRedirected,
    headers,
    body: hasBody ? readBody(deps, hop, target, response, redactor) : null,
  }
}

async function* readBody(
  deps: EgressDeps,
  hop: Hop,
  target: Target,
  response: IncomingMessage,
  redactor: Redactor,
): AsyncGenerator<Buffer> {
  const { idleMs, maxResponseBytes } = deps.limits
  const { record } = hop.context
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      try {
        record.received(target.hostAndPort, chunk.length)
        done(null, chunk)
      } catch (error) {
        done(error instanceof Error ? error : new Error('unknown'))
      }
    },
  })
  const clean = redactor.isIdle ? null : redactor.stream()
  const source = decoded(response, counted)
  let taken = 0
  try {
    for (;;) {
      const chunk = await nextChunk(source, idleMs, target.hostAndPort)
      if (chunk === null) break
      taken += chunk.length
      // Counted as it is unpacked, piece by piece: a bomb never exists whole.
      if (taken > maxResponseBytes) throw new EgressFailed(`The answer has more than ${maxResponseBytes} bytes`)
      const piece = clean === null ? chunk : clean.push(chunk)
      if (piece.length > 0) yield piece
    }
    const rest = clean?.end()
    if (rest !== undefined && rest.length > 0) yield rest
  } catch (error) {
    throw faultOf(error, hop.signal)
  } finally {
    response.destroy()
    source.destroy()
  }
}

/** The answer's bytes as its sender meant them. */
function decoded(response: IncomingMessage, counted: Transform): Readable {
  const codings = (response.headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
  const unpack = codings.reverse().flatMap((coding) => {
    if (coding === '' || coding === 'identity') return []
    if (coding === 'gzip' || coding === 'x-gzip') return [createGunzip()]
    if (coding === 'deflate') return [createInflate()]
    if (coding === 'br') return [createBrotliDecompress()]
    throw new EgressFailed(`The answer is packed as ${coding.slice(0, 20)}, which is not supported`)
  })
  if (unpack.length > 2) throw new EgressFailed('The answer is packed more than twice')
  const steps = [response, counted, ...unpack]
  // Whoever reads the last step hears of every fault.
  pipeline(steps, () => {})
  return unpack.at(-1) ?? counted
}

/** The next piece, or null at the end. @throws EgressFailed when none comes in time */
async function nextChunk(source: Readable, idleMs: number, host: string): Promise<Buffer | null> {
  for (;;) {
    const chunk: unknown = source.read()
    if (Buffer.isBuffer(chunk)) return chunk
    if (source.errored) throw source.errored
    if (source.readableEnded) return null
    if (source.destroyed) throw new EgressFailed(`${host} broke off its answer`)
    await new Promise<void>((resolve, reject) => {
      const events = ['readable', 'end', 'error', 'close'] as const
      const end = (settle: () => void): void => {
        clearTimeout(timer)
        for (const event of events) source.off(event, wake)
        settle()
      }
      const wake = (): void => end(resolve)
      const timer = setTimeout(
        () => end(() => reject(new EgressFailed(`${host} sent nothing for ${idleMs} ms`))),
        idleMs,
      )
      for (const event of events) source.on(event, wake)
    })
  }
}

/** What is told of a fault: never more than the host itself said or did. */
function faultOf(error: unknown, signal: AbortSignal): Error {
  if (error instanceof EgressDenied || error instanceof EgressFailed) return error
  if (signal.aborted && signal.reason instanceof EgressFailed) return signal.reason
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return new EgressFailed(WORDS[code] ?? `The request failed${code === '' ? '' : ` (${code})`}`, { cause: error })
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'The connection was refused',
  ECONNRESET: 'The connection was broken off',
  ETIMEDOUT: 'The connection timed out',
  EHOSTUNREACH: 'The host cannot be reached',
  ENETUNREACH: 'The host cannot be reached',
  ABORT_ERR: 'The request was aborted',
  HPE_HEADER_OVERFLOW: `The head of the answer has more than ${MAX_HEAD_BYTES} bytes`,
  Z_DATA_ERROR: 'The answer is packed wrongly',
  Z_BUF_ERROR: 'The answer ended in the middle',
}
