import { z } from 'zod'
import { checkJson } from './check-json.ts'
import { fetchFrames, type FetchAnswer } from './egress/fetch-bridge.ts'
import { failureCodes } from './sandbox.types.ts'

/** Longest header line; a longer one is a protocol violation. The guest cuts its texts far below it. */
export const MAX_HEADER_BYTES = 65_536
/** Longest piece of a file handed over at once. */
export const MAX_CHUNK_BYTES = 1_048_576
/** Longest piece of a chunk or an artifact. */
export const MAX_PIECE_BYTES = 262_144
/** Deepest nesting of a header. Log fields are the only nested part. */
const MAX_HEADER_DEPTH = 12

const text = (most: number) => z.string().max(most)
const bytes = z.number().int().min(0)

/** What a guest may say. Every field is its claim: bounded here, and checked against the run by whoever uses it. */
const guestFrame = z.discriminatedUnion('t', [
  ...fetchFrames,
  z.strictObject({ t: z.literal('result'), bytes }),
  z.strictObject({ t: z.literal('ready') }),
  z.strictObject({ t: z.literal('loading') }),
  z.strictObject({ t: z.literal('loaded') }),
  z.strictObject({
    t: z.literal('log'),
    level: z.enum(['debug', 'info', 'warn', 'error']),
    message: text(MAX_HEADER_BYTES),
    fields: z.record(z.string(), z.unknown()).optional(),
  }),
  z.strictObject({ t: z.literal('log_cut') }),
  z.strictObject({
    t: z.literal('progress'),
    fraction: z.number().min(0).max(1),
    message: text(2_000),
  }),
  z.strictObject({
    t: z.literal('charge'),
    event: text(200),
    n: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
  }),
  z.strictObject({ t: z.literal('emit'), bytes, event: text(200).optional() }),
  z.strictObject({
    t: z.literal('artifact'),
    request: z.number().int().min(0),
    name: text(200),
    type: text(200),
    size: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
    offset: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
    bytes,
    event: text(200).optional(),
  }),
  z.strictObject({
    t: z.literal('read'),
    request: z.number().int().min(0),
    file: text(1_000),
    offset: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
    length: z.number().int().min(1).max(MAX_CHUNK_BYTES),
  }),
  z.strictObject({
    t: z.literal('failed'),
    code: z.enum(failureCodes).exclude(['SANDBOX_FAILED', 'RUN_OUT_OF_MEMORY', 'RUN_CPU_EXCEEDED', 'EGRESS_LIMIT']),
    message: text(10_000),
    stack: text(20_000).optional(),
    issues: z
      .array(z.strictObject({ path: text(1_000), message: text(2_000) }))
      .max(100)
      .optional(),
    /** The guest cannot vouch for its state: do not reuse it. */
    dirty: z.boolean().optional(),
  }),
])
export type GuestFrame = z.infer<typeof guestFrame>

/** What the host says. `bytes` announces as many raw bytes after the line. */
export type HostFrame =
  | { readonly t: 'load'; readonly bytes: number }
  | {
      readonly t: 'run'
      readonly run: string
      readonly bytes: number
      readonly out: number
      readonly log: number
      readonly files?: Readonly<Record<string, { name: string; type: string; size: number }>>
      readonly prices?: Readonly<Record<string, string>>
      readonly cap?: string
      /** Names of the secrets that are set: never their values. */
      readonly secrets?: readonly string[]
    }
  | FetchAnswer
  | { readonly t: 'describe'; readonly out: number }
  | {
      readonly t: 'chunk'
      readonly request: number
      readonly bytes: number
      readonly error?: string
    }
  | { readonly t: 'cancel' }

/** One frame as the bytes to send. */
export function encodeFrame(frame: HostFrame): string {
  return `${JSON.stringify(frame)}\n`
}

export type FrameFault = { readonly code: 'violation' | 'too_large'; readonly why: string }

export type FrameHandler = {
  frame(frame: GuestFrame, payload: Buffer | null): void
  fault(fault: FrameFault): void
}

const NEWLINE = 0x0a
const NOTHING = Buffer.alloc(0)

/** Cuts a guest's byte stream into frames. Everything is bounded on the raw bytes, before anything is parsed; after the
 * first fault nothing more is read. */
export class FrameReader {
  readonly #handler: FrameHandler
  /** Largest payload taken now: the output limit of the run at hand, 0 between runs. */
  payloadLimit = 0
  #rest: Buffer = NOTHING
  #pending: { frame: GuestFrame; parts: Buffer[]; missing: number } | null = null
  /** A payload has just ended: one newline may stand behind it. */
  #isBehindPayload = false
  #closed = false

  constructor(handler: FrameHandler) {
    this.#handler = handler
  }

  close(): void {
    this.#closed = true
    this.#rest = NOTHING
    this.#pending = null
  }

  feed(chunk: Buffer): void {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    this.#rest = NOTHING
    while (!this.#closed && data.length > 0) {
      if (this.#pending !== null) {
        data = this.#takePayload(this.#pending, data)
        continue
      }
      if (this.#isBehindPayload) {
        this.#isBehindPayload = false
        if (data[0] === NEWLINE) {
          data = data.subarray(1)
          continue
        }
      }
      const end = data.indexOf(NEWLINE)
      if (end > MAX_HEADER_BYTES || (end < 0 && data.length > MAX_HEADER_BYTES))
        return this.#fail({ code: 'violation', why: 'a frame header is too long' })
      if (end < 0) {
        // At most MAX_HEADER_BYTES are ever kept here, so the concatenation above stays cheap.
        this.#rest = data
        return
      }
      const line = data.subarray(0, end)
      data = data.subarray(end + 1)
      this.#takeHeader(line)
    }
  }

  #takeHeader(line: Buffer): void {
    const frame = parseHeader(line)
    if (frame === null) return this.#fail({ code: 'violation', why: `not a frame: ${printable(line)}` })
    if (!('bytes' in frame)) return this.#handler.frame(frame, null)
    const isViolation = frame.t === 'fetch_data' && (this.payloadLimit === 0 || frame.bytes > MAX_CHUNK_BYTES)
    if (isViolation)
      return this.#fail({ code: 'violation', why: 'a piece of a request is too large, or comes uncalled' })
    // Between runs nothing is taken at all.
    const limit = frame.t === 'result' || this.payloadLimit === 0 ? this.payloadLimit : MAX_PIECE_BYTES
    if (frame.t !== 'fetch_data' && frame.bytes > limit)
      return this.#fail({ code: 'too_large', why: `${frame.bytes} bytes where ${limit} are allowed` })
    if (frame.bytes === 0) {
      this.#isBehindPayload = true
      return this.#handler.frame(frame, NOTHING)
    }
    this.#pending = { frame, parts: [], missing: frame.bytes }
  }

  #takePayload(pending: { frame: GuestFrame; parts: Buffer[]; missing: number }, data: Buffer): Buffer {
    const part = data.subarray(0, pending.missing)
    pending.parts.push(part)
    pending.missing -= part.length
    if (pending.missing === 0) {
      this.#pending = null
      this.#isBehindPayload = true
      // A single part still shares the socket's read buffer, which nobody writes to again.
      const [only] = pending.parts
      this.#handler.frame(pending.frame, pending.parts.length === 1 && only ? only : Buffer.concat(pending.parts))
    }
    return data.subarray(part.length)
  }

  #fail(fault: FrameFault): void {
    this.close()
    this.#handler.fault(fault)
  }
}

/** What nearly every run ends with, as the harness writes it: not worth a parser. */
const PLAIN_RESULT = /^\{"t":"result","bytes":(0|[1-9]\d{0,14})\}$/
const PLAIN_RESULT_BYTES = 40

function parseHeader(line: Buffer): GuestFrame | null {
  const bytes = line.length > PLAIN_RESULT_BYTES ? undefined : PLAIN_RESULT.exec(line.toString('latin1'))?.[1]
  if (bytes !== undefined) return { t: 'result', bytes: Number(bytes) }
  if (!checkJson(line, MAX_HEADER_DEPTH).ok) return null
  const parsed = guestFrame.safeParse(JSON.parse(line.toString('utf8')))
  return parsed.success ? parsed.data : null
}

/** The beginning of a line for an error message. */
function printable(line: Buffer): string {
  return JSON.stringify(line.subarray(0, 80).toString('latin1'))
}
