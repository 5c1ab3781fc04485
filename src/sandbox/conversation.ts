import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { checkJson } from './check-json.ts'
import type { HostRecord } from './egress/egress-record.ts'
import { FetchBridge, type BridgeDeps, type FetchAnswer, type FetchFrame } from './egress/fetch-bridge.ts'
import { createRedactor, type Redactor } from './egress/redact.ts'
import { encodeFrame, type FrameFault, type GuestFrame } from './frames.ts'
import type { Death, Instance, KillCause } from './instance.ts'
import type {
  AgentInput,
  EgressGrant,
  ExecutionEnd,
  ExecutionOptions,
  FailureCode,
  FileSource,
  InputIssue,
  LogEntry,
} from './sandbox.types.ts'

/** How a conversation with an instance ended. */
export type Outcome = {
  readonly end: ExecutionEnd
  readonly logs: readonly LogEntry[]
  readonly logsTruncated: boolean
  readonly events: Readonly<Record<string, number>>
  readonly delivered: number
  /** What it sent and got over the network. */
  readonly egress: readonly HostRecord[]
  readonly injectMs: number
  readonly runMs: number
  /** Did any of the agent's code get to run? If not, a failure is ours and the run may be tried again. */
  readonly guestStarted: boolean
  /** May the instance serve the same principal and code again? */
  readonly reusable: boolean
}

export type ConversationDeps = {
  readonly monotonicMs: () => number
  readonly maxDepth: number
  readonly bridge: BridgeDeps
}

const NO_EGRESS: EgressGrant = { hosts: [], secrets: new Map() }

/** Frames a run may send: honest agents stay far below, because the harness coalesces charges and progress. */
const FRAMES_AT_ONCE = 20_000
const FRAMES_PER_MS = 1
const MAX_PENDING_READS = 64
const LOG_ENTRY_COST = 40
/** What a run may emit in all, and put as artifacts. */
const MAX_EMITTED_BYTES = 67_108_864
const MAX_ARTIFACTS = 100
const MAX_ARTIFACT_BYTES = 1_073_741_824
/** How long an agent may tidy up after its signal aborted. */
const CANCEL_GRACE_MS = 250

/** Failures after which the guest's state is still its own doing and sound. */
const REUSABLE_FAILURES: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'AGENT_THREW',
  'AGENT_INPUT_REJECTED',
  'AGENT_OUTPUT_INVALID',
  'EGRESS_DENIED',
  'CAP_REACHED',
  'NOT_SUPPORTED',
])

/** Runs one input on a leased instance and resolves once, however the guest behaves. Every guest claim is bound to this
 * run and bounded: frames, logs, charges, reads, output.
 * @param load the code as a data: URL, if the instance does not have it yet */
export function converse(
  deps: ConversationDeps,
  instance: Instance,
  load: Buffer | null,
  input: AgentInput,
  options: ExecutionOptions,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const talk = new Conversation(deps, instance, load !== null, input.files, options, resolve)
    talk.start(load, input)
  })
}

class Conversation {
  readonly #deps: ConversationDeps
  readonly #instance: Instance
  readonly #files: ReadonlyMap<string, FileSource>
  readonly #options: ExecutionOptions
  readonly #resolve: (outcome: Outcome) => void
  readonly #startedAt: number
  #loadedAt: number
  #guestStarted: boolean
  #loaded: boolean
  #over = false
  #frames = 0
  readonly #logs: LogEntry[] = []
  #logBytes = 0
  #logsTruncated = false
  readonly #events = new Map<string, number>()
  #spentMicro = 0n
  #delivered = 0
  #emittedBytes = 0
  #artifactBytes = 0
  readonly #artifactNames = new Set<string>()
  readonly #puts = new Map<number, Put>()
  #isPaused = false
  #reading: Promise<void> = Promise.resolve()
  #pendingReads = 0
  readonly #grant: EgressGrant
  /** Made at the first request: most runs make none. */
  #bridge: FetchBridge | null = null
  /** Where secrets are in play, nothing that leaves the run holds one. Null otherwise. */
  readonly #redactor: Redactor | null
  #deadline: NodeJS.Timeout | null = null
  #grace: NodeJS.Timeout | null = null

  constructor(
    deps: ConversationDeps,
    instance: Instance,
    cold: boolean,
    files: ReadonlyMap<string, FileSource>,
    options: ExecutionOptions,
    resolve: (outcome: Outcome) => void,
  ) {
    this.#deps = deps
    this.#instance = instance
    this.#files = files
    this.#options = options
    this.#resolve = resolve
    this.#grant = options.egress ?? NO_EGRESS
    this.#redactor = this.#grant.secrets.size === 0 ? null : createRedactor(this.#grant.secrets)
    this.#startedAt = deps.monotonicMs()
    this.#loadedAt = this.#startedAt
    this.#guestStarted = !cold
    this.#loaded = !cold
  }

  start(load: Buffer | null, input: AgentInput): void {
    const { signal, limits } = this.#options
    if (signal?.aborted) return this.#finish({ kind: 'canceled' }, 'reusable')
    this.#instance.lease(
      {
        frame: (frame, payload) => this.#heard(frame, payload),
        fault: (fault) => this.#faulted(fault),
        died: (death) => this.#died(death),
      },
      limits.maxOutputBytes,
    )
    if (this.#over) return
    this.#deadline = setTimeout(() => this.#end({ kind: 'timed_out' }, 'deadline'), limits.timeoutMs)
    signal?.addEventListener('abort', this.#cancel, { once: true })
    // Code and input leave together: waiting for `loaded` in between would cost a round trip.
    const code = load === null ? [] : [encodeFrame({ t: 'load', bytes: load.length }), load]
    this.#instance.send(...code, this.#header(input), input.json)
  }

  #header(input: AgentInput): string {
    const { runId, limits, charges } = this.#options
    const prices = Object.entries(charges.events).map(([event, price]) => [event, String(price)] as const)
    const files = [...input.files].map(
      ([key, file]) => [key, { name: file.name, type: file.type, size: file.sizeBytes }] as const,
    )
    return encodeFrame({
      t: 'run',
      run: runId,
      bytes: typeof input.json === 'string' ? Buffer.byteLength(input.json) : input.json.length,
      out: limits.maxOutputBytes,
      log: limits.maxLogBytes,
      ...(files.length > 0 ? { files: Object.fromEntries(files) } : {}),
      ...(this.#grant.secrets.size > 0 ? { secrets: [...this.#grant.secrets.keys()] } : {}),
      ...(prices.length > 0 ? { prices: Object.fromEntries(prices), cap: String(charges.capMicro) } : {}),
    })
  }

  readonly #cancel = (): void => {
    if (this.#over) return
    this.#instance.send(encodeFrame({ t: 'cancel' }))
    this.#grace = setTimeout(() => this.#end({ kind: 'canceled' }, 'canceled'), CANCEL_GRACE_MS)
  }

  #heard(frame: GuestFrame, payload: Buffer | null): void {
    this.#frames++
    if (this.#frames > FRAMES_AT_ONCE && this.#frames > FRAMES_AT_ONCE + this.#elapsedMs() * FRAMES_PER_MS)
      return this.#violated('the agent floods its host with frames')
    switch (frame.t) {
      case 'result':
        return this.#answered(payload ?? Buffer.alloc(0))
      case 'loading':
        if (this.#guestStarted) return this.#violated('code was loaded twice')
        this.#guestStarted = true
        return
      case 'loaded':
        this.#loadedAt = this.#deps.monotonicMs()
        this.#loaded = true
        return
      case 'log':
        return this.#logged(frame.level, frame.message, frame.fields)
      case 'log_cut':
        this.#logsTruncated = true
        return
      case 'progress':
        this.#options.onProgress?.(frame.fraction, this.#redactor?.text(frame.message) ?? frame.message)
        return this.#waitUntilFree()
      case 'charge':
        return void this.#charged(frame.event, frame.n)
      case 'emit':
        return this.#emitted(payload ?? Buffer.alloc(0), frame.event)
      case 'artifact':
        return this.#put(frame, payload ?? Buffer.alloc(0))
      case 'read':
        return this.#wanted(frame.request, frame.file, frame.offset, frame.length)
      case 'failed':
        return this.#failed(frame)
      case 'fetch':
      case 'fetch_data':
      case 'fetch_sent':
      case 'fetch_pull':
      case 'fetch_stop':
        return this.#fetching(frame, payload)
      case 'ready':
        return this.#violated('the instance claims to boot again')
      default:
        return frame satisfies never
    }
  }

  #answered(payload: Buffer): void {
    if (this.#options.signal?.aborted) return this.#finish({ kind: 'canceled' }, 'reusable')
    const check = checkJson(payload, this.#deps.maxDepth)
    if (check.ok) {
      const outputJson = this.#redactor === null ? payload : this.#redactor.bytes(payload)
      const finish = (): void => this.#finish({ kind: 'succeeded', outputJson }, 'reusable')
      if (this.#puts.size === 0) return finish()
      // Not awaited by the agent: what it put is stored all the same, or the run would be over before its artifact.
      const storing = [...this.#puts.values()].map((put) => put.stored)
      void Promise.allSettled(storing).then(finish)
      return
    }
    const why = {
      depth: `The output is nested more than ${this.#deps.maxDepth} levels deep`,
      syntax: `The output is not JSON (byte ${check.at})`,
      encoding: 'The output is not UTF-8',
    }[check.problem]
    this.#end({ kind: 'failed', code: 'AGENT_OUTPUT_INVALID', message: why }, 'violation')
  }

  #failed(frame: Extract<GuestFrame, { t: 'failed' }>): void {
    if (this.#options.signal?.aborted) return this.#end({ kind: 'canceled' }, 'canceled')
    const clean = (text: string): string => this.#redactor?.text(text) ?? text
    const issues = frame.issues?.map(({ path, message }): InputIssue => ({ path, message: clean(message) }))
    const end: ExecutionEnd = {
      kind: 'failed',
      code: frame.code,
      message: clean(frame.message),
      ...(frame.stack === undefined ? {} : { stack: clean(frame.stack) }),
      ...(issues === undefined ? {} : { issues }),
    }
    if (frame.dirty === true || !REUSABLE_FAILURES.has(frame.code)) this.#end(end, 'retired')
    else this.#finish(end, 'reusable')
  }

  #fetching(frame: FetchFrame, payload: Buffer | null): void {
    this.#bridge ??= new FetchBridge(boundedBy(this.#deps.bridge, this.#options.limits), this.#grant, {
      send: (answer, piece) => this.#tell(answer, piece),
      drained: () => this.#instance.drained(),
      exhausted: (why) => this.#end({ kind: 'failed', code: 'EGRESS_LIMIT', message: why }, 'egress'),
    })
    const why = this.#bridge.heard(frame, payload)
    if (why !== null) this.#violated(why)
  }

  #tell(answer: FetchAnswer, piece: Uint8Array | undefined): void {
    if (this.#over) return
    this.#instance.send(encodeFrame(answer))
    if (piece !== undefined) this.#instance.send(piece)
  }

  #logged(level: LogEntry['level'], said: string, claimed: Readonly<Record<string, unknown>> | undefined): void {
    if (this.#logsTruncated) return
    const message = this.#redactor?.text(said) ?? said
    const fields = claimed === undefined || this.#redactor === null ? claimed : redactFields(claimed, this.#redactor)
    this.#logBytes += message.length + LOG_ENTRY_COST + (fields === undefined ? 0 : JSON.stringify(fields).length)
    if (this.#logBytes > this.#options.limits.maxLogBytes) {
      this.#logsTruncated = true
      return
    }
    const entry: LogEntry = {
      atMs: Math.round(this.#elapsedMs()),
      level,
      message,
      ...(fields ? { fields } : {}),
    }
    this.#logs.push(entry)
    this.#options.onLog?.(entry)
    this.#waitUntilFree()
  }

  /** What is said faster than it can be stored stays with who says it. */
  #waitUntilFree(): void {
    const free = this.#over || this.#isPaused ? null : (this.#options.untilFree?.() ?? null)
    if (free !== null) void this.#pauseUntil(free)
  }

  async #pauseUntil(free: Promise<unknown>): Promise<void> {
    this.#isPaused = true
    this.#instance.pause()
    await free.catch(() => undefined)
    this.#isPaused = false
    // Also when the run is over: the instance may serve the next one.
    this.#instance.resume()
  }

  #emitted(payload: Buffer, event: string | undefined): void {
    this.#emittedBytes += payload.length
    if (this.#emittedBytes > MAX_EMITTED_BYTES)
      return this.#faulted({ code: 'too_large', why: `more than ${MAX_EMITTED_BYTES} bytes were emitted` })
    if (!checkJson(payload, this.#deps.maxDepth).ok) return this.#violated('a chunk is not JSON')
    if (event !== undefined && !this.#charged(event, 1)) return
    this.#delivered++
    this.#options.onChunk?.(this.#redactor === null ? payload : this.#redactor.bytes(payload))
    this.#waitUntilFree()
  }

  #put(frame: Extract<GuestFrame, { t: 'artifact' }>, piece: Buffer): void {
    const { request, offset, size } = frame
    let put = this.#puts.get(request)
    if (put === undefined) {
      if (offset !== 0) return this.#violated('an artifact does not begin at its beginning')
      put = this.#openPut(frame)
    } else if (offset !== put.received || put.size !== size) return this.#violated('an artifact came in disorder')
    put.received += piece.length
    if (put.received > size) return this.#violated('an artifact is larger than it said')
    const isWhole = put.received === size
    const isRoomLeft = put.content.write(cleaned(put, piece, isWhole))
    if (!isRoomLeft && !this.#isPaused && !put.content.destroyed)
      void this.#pauseUntil(Promise.race([once(put.content, 'drain'), once(put.content, 'close')]))
    if (isWhole) {
      put.content.end()
      if (put.isAnswered) this.#puts.delete(request)
    } else if (piece.length === 0) return this.#violated('an artifact does not go on')
  }

  #openPut(frame: Extract<GuestFrame, { t: 'artifact' }>): Put {
    const { request, size, event } = frame
    const clear = (text: string): string => this.#redactor?.text(text) ?? text
    const [name, type] = [clear(frame.name), clear(frame.type)]
    const content = new PassThrough({ highWaterMark: 1_048_576 })
    content.on('error', () => undefined)
    const refusal = this.#refusalOf(name, size)
    if (refusal === null) {
      this.#artifactNames.add(name)
      this.#artifactBytes += size
    }
    const store = async (): Promise<void> => {
      if (refusal !== null) {
        content.resume()
        throw new Error(refusal)
      }
      await this.#options.storeArtifact?.({ name, type, sizeBytes: size, content, isWanted: () => !this.#over })
      if (this.#over || (event !== undefined && !this.#charged(event, 1))) return
      this.#delivered++
    }
    const stored = store()
    const clean = this.#redactor === null ? null : createRedactor(this.#grant.secrets, 'as_long').stream()
    const put: Put = { size, received: 0, content, clean, stored, isAnswered: false }
    this.#puts.set(request, put)
    const answer = (error?: string): void => {
      put.isAnswered = true
      // What was refused early is still on its way, and must not be taken for something new.
      if (put.received === size) this.#puts.delete(request)
      if (!this.#over) this.#instance.send(encodeFrame({ t: 'chunk', request, bytes: 0, ...(error && { error }) }))
    }
    stored.then(
      () => answer(),
      (error: unknown) => answer(error instanceof Error ? error.message : 'The artifact could not be stored'),
    )
    return put
  }

  #refusalOf(name: string, size: number): string | null {
    if (this.#options.storeArtifact === undefined) return 'Artifacts are not taken here'
    if (this.#artifactNames.has(name)) return `There is an artifact named ${name} already`
    if (!isFileName(name))
      return 'The name of an artifact is a file name: no slashes, no control characters, at most 200 characters'
    if (this.#artifactNames.size >= MAX_ARTIFACTS) return `A run has at most ${MAX_ARTIFACTS} artifacts`
    if (this.#artifactBytes + size > MAX_ARTIFACT_BYTES) return 'The artifacts of a run are larger than this site takes'
    return null
  }

  /** @returns false where the run ended over it */
  #charged(event: string, n: number): boolean {
    const { events, capMicro } = this.#options.charges
    const price = Object.hasOwn(events, event) ? events[event] : undefined
    if (price === undefined) {
      this.#violated('an event was charged that the manifest does not price')
      return false
    }
    const spentMicro = this.#spentMicro + price * BigInt(n)
    const counted = (this.#events.get(event) ?? 0) + n
    if (spentMicro > capMicro || !Number.isSafeInteger(counted)) {
      this.#violated('more was charged than the caller allowed')
      return false
    }
    this.#spentMicro = spentMicro
    this.#events.set(event, counted)
    this.#options.onCharge?.(event, n)
    return true
  }

  #wanted(request: number, key: string, offset: number, length: number): void {
    const file = this.#files.get(key)
    if (file === undefined || offset > file.sizeBytes)
      return this.#violated('a file was read that the run does not have')
    if (++this.#pendingReads > MAX_PENDING_READS) return this.#violated('too many file reads at once')
    // One at a time, each after the guest has taken the one before: what is in flight stays one chunk.
    this.#reading = this.#reading.then(() => this.#serve(request, file, offset, length))
  }

  async #serve(request: number, file: FileSource, offset: number, length: number): Promise<void> {
    if (this.#over) return
    try {
      const wanted = Math.min(length, file.sizeBytes - offset)
      const chunk = wanted === 0 ? new Uint8Array(0) : await file.read(offset, wanted)
      if (chunk.length > wanted) throw new Error('a file source answered more than was asked')
      await this.#instance.drained()
      if (this.#over) return
      this.#pendingReads--
      this.#instance.send(encodeFrame({ t: 'chunk', request, bytes: chunk.length }), chunk)
    } catch (error) {
      const why = error instanceof Error ? error.message : 'unknown'
      this.#end(
        {
          kind: 'failed',
          code: 'SANDBOX_FAILED',
          message: `A file input could not be read: ${why}`,
        },
        'retired',
      )
    }
  }

  #faulted(fault: FrameFault): void {
    if (fault.code === 'violation') return this.#violated(fault.why)
    const message = `The output has more than ${this.#options.limits.maxOutputBytes} bytes`
    this.#end({ kind: 'failed', code: 'RUN_OUTPUT_TOO_LARGE', message }, 'too_large')
  }

  #violated(why: string): void {
    const message = `The agent broke the protocol between guest and host: ${why}. Standard output is not for agents: use ctx.log or console.`
    this.#end({ kind: 'failed', code: 'AGENT_PROTOCOL_VIOLATION', message }, 'violation')
  }

  #died(death: Death): void {
    this.#finish(endOf(death, this.#options, this.#loaded), 'dead')
  }

  /** Ends the run and the instance with it. */
  #end(end: ExecutionEnd, cause: KillCause): void {
    if (this.#over) return
    this.#instance.kill(cause)
    this.#finish(end, 'dead')
  }

  #finish(end: ExecutionEnd, instance: 'reusable' | 'dead'): void {
    if (this.#over) return
    this.#over = true
    for (const put of this.#puts.values()) put.content.destroy()
    if (this.#deadline !== null) clearTimeout(this.#deadline)
    if (this.#grace !== null) clearTimeout(this.#grace)
    this.#options.signal?.removeEventListener('abort', this.#cancel)
    this.#bridge?.close()
    this.#instance.endLease()
    this.#resolve({
      end,
      logs: this.#logs,
      logsTruncated: this.#logsTruncated,
      events: Object.fromEntries(this.#events),
      delivered: this.#delivered,
      egress: this.#bridge?.hosts ?? [],
      injectMs: this.#loadedAt - this.#startedAt,
      runMs: this.#deps.monotonicMs() - this.#loadedAt,
      guestStarted: this.#guestStarted,
      reusable: instance === 'reusable',
    })
  }

  #elapsedMs(): number {
    return this.#deps.monotonicMs() - this.#startedAt
  }
}

/** What an agent's manifest allows it may be less than the operator does, and never more. */
function boundedBy(bridge: BridgeDeps, { egressRequests, egressBytes }: ExecutionOptions['limits']): BridgeDeps {
  const { maxRequests, maxRunBytes } = bridge.limits
  const limits = {
    ...bridge.limits,
    maxRequests: Math.min(maxRequests, egressRequests ?? maxRequests),
    maxRunBytes: Math.min(maxRunBytes, egressBytes ?? maxRunBytes),
  }
  return { ...bridge, limits }
}

/** An artifact on its way into the store. */
type Put = {
  readonly size: number
  received: number
  readonly content: PassThrough
  /** Without secrets, at the size that was told. */
  readonly clean: ReturnType<Redactor['stream']> | null
  readonly stored: Promise<void>
  isAnswered: boolean
}

/** What of a piece may go on: the end of it may be the beginning of a secret, which comes with the next. */
function cleaned({ clean }: Put, piece: Buffer, isLast: boolean): Buffer {
  if (clean === null) return piece
  const ready = clean.push(piece)
  return isLast ? Buffer.concat([ready, clean.end()]) : ready
}

/** What can stand in a path and a header of everybody's, names nothing above it, and reads as what it is: control
 * characters and those that turn the direction of writing make a program look like a picture. */
const isFileName = (name: string): boolean =>
  name.length > 0 &&
  name.isWellFormed() &&
  !/[/\\\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(name) &&
  name !== '.' &&
  name !== '..'

function redactFields(
  fields: Readonly<Record<string, unknown>>,
  redactor: Redactor,
): Readonly<Record<string, unknown>> {
  const clean: unknown = JSON.parse(redactor.text(JSON.stringify(fields)))
  return typeof clean === 'object' && clean !== null ? { ...clean } : {}
}

/** What a process brings upon itself: memory it may not touch, an assertion, a limit. */
const OWN_FAULTS: ReadonlySet<string> = new Set([
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGSEGV',
  'SIGSYS',
  'SIGTRAP',
  'SIGXCPU',
  'SIGXFSZ',
])

/** The verdict on an instance that died during a run. Only facts out of the guest's reach decide who is to blame. */
function endOf(death: Death, options: ExecutionOptions, loaded: boolean): ExecutionEnd {
  const { limits } = options
  if (death.outOfMemory || death.killedBy === 'memory')
    return {
      kind: 'failed',
      code: 'RUN_OUT_OF_MEMORY',
      message: `The run needed more than ${limits.memoryMb} MB`,
    }
  if (death.killedBy === 'cpu') {
    const cpuMs = limits.cpuMs ?? limits.timeoutMs
    return {
      kind: 'failed',
      code: 'RUN_CPU_EXCEEDED',
      message: `The run used more than ${cpuMs} ms of processor time`,
    }
  }
  if (death.killedBy !== null)
    return {
      kind: 'failed',
      code: 'SANDBOX_FAILED',
      message: `The sandbox was taken away (${death.killedBy})`,
    }
  // A signal to the outermost process comes from outside: the guest lives in a process namespace of its own. Deno alone is
  // the outermost process itself, and what it does to itself must not count as ours.
  if (death.signal !== null && !OWN_FAULTS.has(death.signal))
    return {
      kind: 'failed',
      code: 'SANDBOX_FAILED',
      message: `The sandbox was ended from outside (${death.signal})`,
    }
  // Deno also ends the process when a module's top-level await can never be settled.
  const how = loaded ? 'instead of answering' : 'while it was loaded: it exits, or awaits what can never happen'
  return {
    kind: 'failed',
    code: 'AGENT_EXITED',
    message: `The agent ended its process (${death.signal ?? `code ${death.code ?? 'unknown'}`}) ${how}`,
  }
}
