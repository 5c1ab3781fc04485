// What Deno boots inside the sandbox. It holds no secret and is no wall: the agent shares its realm, so whatever this
// file says, the host believes only as far as frames.ts and instance.ts have checked it. Primordials are captured before
// any agent code runs, so that an agent that patches prototypes harms its own runs and nothing else.
//
// zod is evaluated here, before anybody is known to lease this sandbox: it costs 10-20 ms, which no run then waits for.
// As text and not as a module, because Deno would parse it once more by itself to look for imports.
import zodRuntime from './zod-runtime.js' with { type: 'text' }

const { core } = Deno[Deno.internal]
const { readAsync, readSync, writeSync, refOp, unrefOp, createTimer, queueImmediate, countImmediate, isNamespace } = {
  readAsync: core.read,
  readSync: core.readSync,
  writeSync: core.writeSync,
  refOp: core.refOpPromise,
  unrefOp: core.unrefOpPromise,
  createTimer: core.createTimer,
  queueImmediate: core.queueImmediate,
  countImmediate: core.immediateRefCount,
  isNamespace: core.isModuleNamespaceObject,
}
const uncurry = Function.prototype.bind.bind(Function.prototype.call)
const { parse, stringify } = JSON
const { isArray } = Array
const { freeze, keys, hasOwn, create, defineProperty: define } = Object
const { min } = Math
const { isSafeInteger } = Number
const { now } = Date
const { exit, inspect } = Deno
const toText = String
const BigInteger = BigInt
const Failure = Error
const Bytes = Uint8Array
const PromiseOf = Promise
const TableOf = Map
const JSON_NULL = 'null'
const slice = uncurry(String.prototype.slice)
const includes = uncurry(String.prototype.includes)
const replace = uncurry(String.prototype.replace)
const push = uncurry(Array.prototype.push)
const join = uncurry(Array.prototype.join)
const subarray = uncurry(Uint8Array.prototype.subarray)
const copyTo = uncurry(Uint8Array.prototype.set)
const sliceOf = uncurry(Uint8Array.prototype.slice)
const fromBase64 = Uint8Array.fromBase64.bind(Uint8Array)
const indexOfByte = uncurry(Uint8Array.prototype.indexOf)
const tableGet = uncurry(Map.prototype.get)
const tableSet = uncurry(Map.prototype.set)
const tableDelete = uncurry(Map.prototype.delete)
const tableClear = uncurry(Map.prototype.clear)
const tableEach = uncurry(Map.prototype.forEach)
const then = uncurry(Promise.prototype.then)
const onEvent = addEventListener
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encode = uncurry(TextEncoder.prototype.encode)
const decode = uncurry(TextDecoder.prototype.decode)
const stop = uncurry(AbortController.prototype.abort)
const AbortControllerOf = AbortController

// `setTimeout` and `ReadableStream` are not touched before somebody needs them: Deno loads what is behind them (22 modules
// of node:timers, the streams) when they are first read, a quarter of what a boot costs.
/** A timer that does not keep the event loop alive. */
const startTimer = (callback, ms) => createTimer(callback, ms, undefined, false, false, true)

/** The event loop's next turn, as `setImmediate` waits for it. */
const nextTurn = () =>
  new PromiseOf((resolve) => {
    countImmediate(true)
    queueImmediate({
      [core.kRefed]: true,
      _onImmediate: resolve,
      _argv: undefined,
      _destroyed: false,
      _idleNext: null,
      _idlePrev: null,
      asyncId: 0,
      triggerAsyncId: 0,
    })
  })

const ITERATOR = Symbol.asyncIterator
const STDIN = 0
const STDOUT = 1
const MESSAGE_CHARS = 4_000
const STACK_CHARS = 8_000
const LOG_CHARS = 8_000
const CHUNK_BYTES = 262_144
const CHARGE_DELAY_MS = 25
const PROGRESS_EVERY_MS = 50

/* ---------------------------------------------------------------- sending */

function writeAll(bytes) {
  let rest = bytes
  while (rest.length > 0) rest = subarray(rest, writeSync(STDOUT, rest))
}

const send = (frame) => writeAll(encode(encoder, `${stringify(frame)}\n`))

const sendWithPayload = (type, text) => {
  const payload = encode(encoder, text)
  sendBytes({ t: type, bytes: payload.length }, payload)
}

/** With a newline behind the payload, which the host skips: what stands behind the last newline of a write Deno's standard
 * output sends in a second one, and wakes the host twice. */
function sendBytes(frame, payload) {
  const header = encode(encoder, `${stringify(frame)}\n`)
  const all = new Bytes(header.length + payload.length + 1)
  copyTo(all, header, 0)
  copyTo(all, payload, header.length)
  all[all.length - 1] = 10
  writeAll(all)
}

const cut = (text, most) => (text.length > most ? `${slice(text, 0, most)}…` : text)

/** Stack lines name the whole data: URL, which is the whole code. */
const shortNames = (text) => replace(text, /data:text\/javascript;base64,[^:\s)]*/g, 'agent.js')

function describeError(error) {
  try {
    if (error instanceof Failure) {
      const stack = typeof error.stack === 'string' ? error.stack : undefined
      return {
        message: cut(shortNames(toText(error.message)), MESSAGE_CHARS),
        ...(stack ? { stack: cut(shortNames(slice(stack, 0, 1_000_000)), STACK_CHARS) } : {}),
      }
    }
    return {
      message: cut(shortNames(typeof error === 'string' ? error : inspect(error)), MESSAGE_CHARS),
    }
  } catch {
    // The thrown value's own getters threw: nothing of it can be shown.
    return { message: 'a value that cannot be described was thrown' }
  }
}

/* ---------------------------------------------------------------- coded errors of the contract */

const codedErrors = new WeakMap()
const rememberCode = uncurry(WeakMap.prototype.set)
const codeOf = uncurry(WeakMap.prototype.get)
function coded(code, message) {
  const error = new Failure(message)
  error.name = 'BureauError'
  error.code = code
  rememberCode(codedErrors, error, code)
  return error
}

/* ---------------------------------------------------------------- the run at hand */

let agent = null
let run = null
let pendingRead = null
const reads = new TableOf()
let nextRead = 0

function flushCharges(current) {
  if (!current.hasCharges) return
  current.hasCharges = false
  tableEach(current.pendingCharges, (n, event) => send({ t: 'charge', event, n }))
  tableClear(current.pendingCharges)
}

function writeLog(current, level, message, fields) {
  if (current === null || current.over || current.logCut) return
  const entry = { t: 'log', level, message: cut(toText(message), LOG_CHARS) }
  if (fields !== undefined && fields !== null) {
    try {
      const text = stringify(fields)
      if (text !== undefined && text.length <= LOG_CHARS && typeof fields === 'object' && !isArray(fields))
        entry.fields = parse(text)
      else entry.message = cut(`${entry.message} ${text}`, LOG_CHARS)
    } catch {
      // Not JSON: shown as text rather than lost.
      entry.message = cut(`${entry.message} ${inspect(fields)}`, LOG_CHARS)
    }
  }
  current.logBytes += entry.message.length + 40
  if (current.logBytes > current.logLimit) {
    current.logCut = true
    send({ t: 'log_cut' })
    return
  }
  send(entry)
}

function needOpen(current) {
  if (current.over) throw coded('AGENT_THREW', 'The run is over: its context can no longer be used')
}

function spend(current, event, n) {
  if (typeof event !== 'string' || !hasOwn(current.prices, event))
    throw coded(
      'AGENT_THREW',
      `Unknown event ${stringify(event)}: the manifest prices ${join(keys(current.prices), ', ') || 'no events'}`,
    )
  if (!isSafeInteger(n) || n < 1)
    throw coded('AGENT_THREW', 'An event is charged a whole number of times, at least once')
  const spent = current.spent + current.prices[event] * BigInteger(n)
  if (spent > current.cap) throw coded('CAP_REACHED', `Charging ${event} would go beyond what the caller allowed`)
  current.spent = spent
}

function charge(current, event, n = 1) {
  needOpen(current)
  spend(current, event, n)
  tableSet(current.pendingCharges, event, (tableGet(current.pendingCharges, event) ?? 0) + n)
  // Counted together and told at most 40 times a second: an agent that charges per row must not flood the host.
  if (!current.hasCharges) {
    current.hasCharges = true
    startTimer(() => current.over || flushCharges(current), CHARGE_DELAY_MS)
  }
}

function emit(current, chunk, options) {
  needOpen(current)
  const text = stringify(chunk)
  if (text === undefined) throw coded('AGENT_THREW', 'A chunk is a JSON value')
  const payload = encode(encoder, text)
  if (payload.length > CHUNK_BYTES)
    throw coded('AGENT_THREW', `A chunk has at most ${CHUNK_BYTES} bytes as JSON; this one has ${payload.length}`)
  const event = options?.charge
  if (event !== undefined) spend(current, event, 1)
  flushCharges(current)
  sendBytes({ t: 'emit', bytes: payload.length, event }, payload)
}

function putArtifact(current, name, content, options) {
  needOpen(current)
  const bytes = typeof content === 'string' ? encode(encoder, content) : content
  if (typeof name !== 'string' || !(bytes instanceof Bytes))
    throw coded('AGENT_THREW', 'An artifact is a name and a Uint8Array or a string')
  const event = options?.charge
  if (event !== undefined) spend(current, event, 1)
  flushCharges(current)
  const request = nextRead++
  const frame = {
    t: 'artifact',
    request,
    name: cut(name, 199),
    type: cut(toText(options?.type ?? 'application/octet-stream'), 199),
    size: bytes.length,
    event,
  }
  const stored = new PromiseOf((resolve, reject) => {
    tableSet(reads, request, { resolve: () => resolve(), reject })
  })
  // While the answer is on its way the read from the host keeps the event loop alive.
  if (pendingRead !== null) refOp(pendingRead)
  let offset = 0
  do {
    const piece = subarray(bytes, offset, offset + CHUNK_BYTES)
    sendBytes({ ...frame, offset, bytes: piece.length }, piece)
    offset += piece.length
  } while (offset < bytes.length)
  return stored
}

/** What an agent that is an async generator yields is emitted; what it returns is its output. */
async function drain(current, answer) {
  if (typeof answer !== 'object' || answer === null || typeof answer[ITERATOR] !== 'function') return answer
  if (typeof answer.next !== 'function') return answer
  for (;;) {
    const { done, value } = await answer.next()
    if (done) return value
    emit(current, value)
  }
}

function contextOf(current) {
  const logAt = (level) => (message, fields) => writeLog(current, level, message, fields)
  return freeze({
    runId: current.id,
    signal: current.controller.signal,
    log: freeze({
      debug: logAt('debug'),
      info: logAt('info'),
      warn: logAt('warn'),
      error: logAt('error'),
    }),
    progress(fraction, message = '') {
      needOpen(current)
      if (typeof fraction !== 'number' || !(fraction >= 0 && fraction <= 1))
        throw coded('AGENT_THREW', 'Progress is a fraction between 0 and 1')
      const at = now()
      if (fraction < 1 && at - current.progressAt < PROGRESS_EVERY_MS) return
      current.progressAt = at
      send({ t: 'progress', fraction, message: cut(toText(message), 500) })
    },
    charge: (event, n) => charge(current, event, n),
    emit: (chunk, options) => emit(current, chunk, options),
    artifacts: freeze({ put: async (name, content, options) => putArtifact(current, name, content, options) }),
    secret: (name) => secretOf(current, name),
    fetch: (target, init) => bridgedFetch(current, target, init),
  })
}

/* ---------------------------------------------------------------- the network, which the host has */

const fetches = new TableOf()
let nextFetch = 0
/** Answers of the host that a fetch waits for: while there are any, the read from the host keeps the event loop alive. */
let expected = 0
const FETCH_HEADER_CHARS = 48_000

const isExpecting = () => reads.size > 0 || expected > 0

function restIfNothingIsExpected() {
  if (!isExpecting() && run !== null && pendingRead !== null) unrefOp(pendingRead)
}

function expectAnswer() {
  expected++
  if (pendingRead !== null) refOp(pendingRead)
}

function gotAnswer() {
  if (expected > 0) expected--
  restIfNothingIsExpected()
}

/** What an agent puts into a header in place of a secret; null where none is set. */
function secretOf(current, name) {
  for (let i = 0; i < current.secrets.length; i++) if (current.secrets[i] === name) return `{{secret.${name}}}`
  return null
}

async function bridgedFetch(current, target, init) {
  if (current === null || current.over) throw coded('EGRESS_DENIED', 'There is no network outside a run')
  const request = new Request(target, init)
  const aborted = () => request.signal.reason ?? new Failure('The request was aborted')
  if (request.signal.aborted) throw aborted()
  const isStream = init?.body instanceof ReadableStream
  const whole = request.body === null || isStream ? null : new Bytes(await request.arrayBuffer())
  const header = {
    t: 'fetch',
    id: nextFetch++,
    url: request.url,
    method: request.method,
    headers: [...request.headers],
    redirect: request.redirect,
    body: request.body !== null,
    ...(whole === null ? {} : { size: whole.length }),
  }
  if (stringify(header).length > FETCH_HEADER_CHARS) throw new TypeError('The address and the headers are too long')
  if (current.over) throw coded('EGRESS_DENIED', 'There is no network outside a run')
  const state = { body: null, rest: whole, head: null, pull: null }
  if (isStream) state.body = request.body.getReader()
  tableSet(fetches, header.id, state)
  const onAbort = () => {
    if (!tableDelete(fetches, header.id)) return
    if (!current.over) send({ t: 'fetch_stop', id: header.id })
    settleFetch(state, aborted())
  }
  request.signal.addEventListener('abort', onAbort)
  const head = await new PromiseOf((resolve, reject) => {
    state.head = { resolve, reject }
    expectAnswer()
    send(header)
  })
  const answer = new Response(head.body ? answerBody(current, header.id, state) : null, {
    status: head.status,
    statusText: head.statusText,
    headers: head.headers,
  })
  define(answer, 'url', { value: head.url })
  define(answer, 'redirected', { value: head.redirected })
  return answer
}

/** Fails whatever still waits for this fetch. */
function settleFetch(state, error) {
  for (const waiting of [state.head, state.pull]) {
    if (waiting === null) continue
    gotAnswer()
    waiting.reject(error)
  }
  state.head = null
  state.pull = null
}

function answerBody(current, id, state) {
  return new ReadableStream(
    {
      async pull(controller) {
        if (current.over) throw new Failure('The run is over: its answers can no longer be read')
        const chunk = await new PromiseOf((resolve, reject) => {
          state.pull = { resolve, reject }
          expectAnswer()
          send({ t: 'fetch_pull', id })
        })
        if (chunk === null) controller.close()
        else controller.enqueue(chunk)
      },
      cancel() {
        if (tableDelete(fetches, id) && !current.over) send({ t: 'fetch_stop', id })
      },
    },
    { highWaterMark: 0 },
  )
}

/** The next piece of a request's body, at most CHUNK_BYTES; null at its end. */
async function nextPiece(state) {
  while (state.rest === null || state.rest.length === 0) {
    if (state.body === null) return null
    const { done, value } = await state.body.read()
    if (done) return null
    state.rest = typeof value === 'string' ? encode(encoder, value) : value
  }
  const piece = subarray(state.rest, 0, CHUNK_BYTES)
  state.rest = subarray(state.rest, piece.length)
  return piece
}

function answered(id, name, value) {
  const state = tableGet(fetches, id)
  const waiting = state?.[name]
  if (!waiting) return
  state[name] = null
  gotAnswer()
  waiting.resolve(value)
}

const fetchAnswers = {
  __proto__: null,
  fetch_head: (header) => answered(header.id, 'head', header),
  fetch_chunk: (header, payload) => answered(header.id, 'pull', payload),
  fetch_end(header) {
    answered(header.id, 'pull', null)
    tableDelete(fetches, header.id)
  },
  async fetch_want(header) {
    const state = tableGet(fetches, header.id)
    const current = run
    if (state === undefined || current === null) return
    try {
      const piece = await nextPiece(state)
      if (current.over || tableGet(fetches, header.id) !== state) return
      if (piece === null) send({ t: 'fetch_sent', id: header.id })
      else sendBytes({ t: 'fetch_data', id: header.id, bytes: piece.length }, piece)
    } catch (error) {
      if (!tableDelete(fetches, header.id)) return
      if (!current.over) send({ t: 'fetch_stop', id: header.id })
      settleFetch(state, error)
    }
  },
  fetch_failed(header) {
    const state = tableGet(fetches, header.id)
    if (state === undefined) return
    tableDelete(fetches, header.id)
    const error = header.code === null ? new TypeError(header.message) : coded(header.code, header.message)
    if (header.host !== null) error.host = header.host
    settleFetch(state, error)
  },
}

/* ---------------------------------------------------------------- files */

const FILE_BRAND = Symbol.for('bureau.file')

function readChunk(current, file, offset, length) {
  needOpen(current)
  return new PromiseOf((resolve, reject) => {
    const request = nextRead++
    tableSet(reads, request, { resolve, reject })
    // While a chunk is on its way the read from the host keeps the event loop alive.
    if (pendingRead !== null) refOp(pendingRead)
    send({ t: 'read', request, file, offset, length })
  })
}

/** @param read gives at most so many bytes from an offset */
function fileOf(facts, read) {
  async function* chunks() {
    for (let offset = 0; offset < facts.size;) {
      const chunk = await read(offset, min(CHUNK_BYTES, facts.size - offset))
      if (chunk.length === 0) throw new Failure(`The file ${facts.name} ended early`)
      offset += chunk.length
      yield chunk
    }
  }
  const bytes = async () => {
    const all = new Bytes(facts.size)
    let at = 0
    for await (const chunk of chunks()) {
      copyTo(all, chunk, at)
      at += chunk.length
    }
    return all
  }
  return freeze({
    [FILE_BRAND]: true,
    name: facts.name,
    type: facts.type,
    size: facts.size,
    bytes,
    text: async () => new TextDecoder().decode(await bytes()),
    arrayBuffer: async () => (await bytes()).buffer,
    slice: (from, length) => read(from, min(length, CHUNK_BYTES)),
    stream() {
      const source = chunks()
      return new ReadableStream(
        {
          async pull(controller) {
            const { done, value } = await source.next()
            if (done) controller.close()
            else controller.enqueue(value)
          },
          cancel: () => source.return(),
        },
        { highWaterMark: 1 },
      )
    },
  })
}

/** A file that stands in the input itself, or null where that is no base64. */
function inlineFileOf(value) {
  if (typeof value.$base64 !== 'string') return null
  let bytes
  try {
    bytes = fromBase64(value.$base64)
  } catch {
    return null // a bare agent's own object of that name, which the host did not check
  }
  const name = typeof value.name === 'string' ? value.name : 'inline'
  const type = typeof value.type === 'string' ? value.type : 'application/octet-stream'
  return fileOf({ name, type, size: bytes.length }, async (offset, length) => sliceOf(bytes, offset, offset + length))
}

/** Replaces every `{"$file": key}` by the file of that key, and `{"$base64": text}` by the bytes it stands for. Only keys
 * the host announced count. */
function putFiles(current, files, value) {
  if (typeof value !== 'object' || value === null) return value
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) value[i] = putFiles(current, files, value[i])
    return value
  }
  if (hasOwn(value, '$file') && typeof value.$file === 'string' && hasOwn(files, value.$file))
    return fileOf(files[value.$file], (offset, length) => readChunk(current, value.$file, offset, length))
  if (hasOwn(value, '$base64')) {
    const inline = inlineFileOf(value)
    if (inline !== null) return inline
  }
  const names = keys(value)
  for (let i = 0; i < names.length; i++) value[names[i]] = putFiles(current, files, value[names[i]])
  return value
}

/* ---------------------------------------------------------------- loading and running */

function endRun(current) {
  if (current.over) return false
  flushCharges(current)
  current.over = true
  run = null
  tableClear(reads)
  tableClear(fetches)
  expected = 0
  if (pendingRead !== null) refOp(pendingRead)
  return true
}

function fail(current, code, error, extra) {
  if (!endRun(current)) return
  send({ t: 'failed', code, ...describeError(error), ...extra })
}

async function load(payload) {
  send({ t: 'loading' })
  try {
    const loaded = await import(decode(decoder, payload))
    // A module that exports `then` is replaced by whatever that function gives.
    if (!isNamespace(loaded))
      throw new Failure('The module exports a function named then, which hides its other exports')
    const entry = loaded.default
    if (typeof entry === 'function') agent = { bare: entry }
    else if (
      typeof entry === 'object' &&
      entry !== null &&
      typeof entry.execute === 'function' &&
      typeof entry.describe === 'function'
    )
      agent = { defined: entry }
    else throw new Failure('The module has no agent as its default export: use defineAgent({ … }) or a function')
    send({ t: 'loaded' })
    return true
  } catch (error) {
    send({ t: 'failed', code: 'AGENT_NOT_LOADABLE', ...describeError(error), dirty: true })
    return false
  }
}

async function execute(header, payload) {
  const prices = create(null)
  if (header.prices) for (const event of keys(header.prices)) prices[event] = BigInteger(header.prices[event])
  const current = {
    id: header.run,
    over: false,
    prices,
    secrets: header.secrets ?? [],
    cap: BigInteger(header.cap ?? '0'),
    spent: 0n,
    pendingCharges: new TableOf(),
    hasCharges: false,
    logBytes: 0,
    logLimit: header.log,
    logCut: false,
    progressAt: 0,
    controller: new AbortControllerOf(),
  }
  run = current
  if (pendingRead !== null) unrefOp(pendingRead)
  try {
    let input
    try {
      const text = decode(decoder, payload)
      input = parse(text)
      // Most inputs name no file, and are not walked through.
      if (header.files || includes(text, '"$base64"')) input = putFiles(current, header.files ?? {}, input)
    } catch (error) {
      return fail(current, 'AGENT_INPUT_REJECTED', error, {
        issues: [{ path: '', message: 'The input is not JSON' }],
      })
    }
    let output
    if (agent.defined) {
      const done = await agent.defined.execute(input, contextOf(current))
      if (current.over) return
      if (!done.ok)
        return fail(current, done.code, new Failure(done.message), {
          issues: done.issues,
          stack: undefined,
        })
      output = done.output
    } else output = await drain(current, await agent.bare(input, contextOf(current)))
    if (current.over) return
    let text
    try {
      text = stringify(output) ?? JSON_NULL
    } catch (error) {
      return fail(current, 'AGENT_OUTPUT_INVALID', error)
    }
    if (endRun(current)) sendWithPayload('result', text)
  } catch (error) {
    const known = typeof error === 'object' && error !== null ? codeOf(codedErrors, error) : undefined
    fail(current, known ?? 'AGENT_THREW', error)
  }
}

function describe(header) {
  try {
    const manifest = agent.defined ? agent.defined.describe() : { contract: 1, bare: true }
    sendWithPayload('result', cut(stringify(manifest), header.out + 1))
  } catch (error) {
    send({ t: 'failed', code: 'AGENT_NOT_LOADABLE', ...describeError(error), dirty: true })
  }
}

/* ---------------------------------------------------------------- what an agent finds in its global scope */

const consoleAt =
  (level) =>
  (...parts) => {
    const texts = []
    for (let i = 0; i < parts.length; i++) push(texts, typeof parts[i] === 'string' ? parts[i] : inspect(parts[i]))
    writeLog(run, level, join(texts, ' '))
  }
const quiet = () => {}
globalThis.console = {
  log: consoleAt('info'),
  info: consoleAt('info'),
  debug: consoleAt('debug'),
  trace: consoleAt('debug'),
  warn: consoleAt('warn'),
  error: consoleAt('error'),
  dir: consoleAt('info'),
  table: consoleAt('info'),
  assert: (claim, ...parts) => claim || consoleAt('error')('Assertion failed', ...parts),
  group: quiet,
  groupEnd: quiet,
  groupCollapsed: quiet,
  time: quiet,
  timeEnd: quiet,
  timeLog: quiet,
  count: quiet,
  countReset: quiet,
  clear: quiet,
}
globalThis.fetch = (target, init) => bridgedFetch(run, target, init)

onEvent('unhandledrejection', (event) => {
  event.preventDefault()
  if (run !== null) fail(run, codeOf(codedErrors, event.reason) ?? 'AGENT_THREW', event.reason, { dirty: true })
})
onEvent('error', (event) => {
  event.preventDefault()
  if (run !== null) fail(run, 'AGENT_THREW', event.error ?? event.message, { dirty: true })
})
// The event loop is empty although a run is on: its promise can never settle.
onEvent('beforeunload', (event) => {
  if (loading) {
    event.preventDefault()
    loading = false
    send({
      t: 'failed',
      code: 'AGENT_NOT_LOADABLE',
      message: 'The module never finishes loading: it awaits something that cannot happen',
      dirty: true,
    })
    if (pendingRead !== null) refOp(pendingRead)
  } else if (run !== null) {
    event.preventDefault()
    fail(run, 'AGENT_NEVER_SETTLED', 'The agent awaits something that can never happen', {
      dirty: true,
    })
  }
})

/* ---------------------------------------------------------------- listening */

let loading = false

async function obey(header, payload) {
  if (header.t === 'run') return void execute(header, payload)
  if (header.t === 'chunk') {
    const waiting = tableGet(reads, header.request)
    if (waiting === undefined) return
    tableDelete(reads, header.request)
    restIfNothingIsExpected()
    if (header.error) waiting.reject(new Failure(header.error))
    else waiting.resolve(payload)
  } else if (header.t === 'load') {
    loading = true
    await load(payload)
    loading = false
  } else if (hasOwn(fetchAnswers, header.t)) fetchAnswers[header.t](header, payload)
  else if (header.t === 'describe') describe(header)
  else if (header.t === 'cancel' && run !== null) stop(run.controller)
}

/** What the host says next. Between runs this process sleeps in the read itself, its event loop with it: Deno hands an
 * asynchronous read of standard input to another thread, which for a short run is half of its work. So an agent's timers
 * rest between runs. The turn of the event loop before it deals with what the run left, such as rejections nobody
 * handles, as long as they cannot be taken for the next run's. */
async function readSome(into) {
  if (run === null) {
    await nextTurn()
    return readSync(STDIN, into)
  }
  const waiting = readAsync(STDIN, into)
  pendingRead = waiting
  if (!isExpecting()) unrefOp(waiting)
  const n = await waiting
  pendingRead = null
  return n
}

/** Microtasks that an agent is given to answer in before a read is started for the frames of a longer run. */
const SHORT_RUN_TURNS = 64
const settled = PromiseOf.resolve()

async function listen() {
  let held = new Bytes(0)
  let header = null
  const buffer = new Bytes(65_536)
  for (;;) {
    let need = null
    if (header === null) {
      const end = indexOfByte(held, 10)
      if (end >= 0) {
        header = parse(decode(decoder, subarray(held, 0, end)))
        held = subarray(held, end + 1)
      }
    }
    if (header !== null) {
      need = header.bytes ?? 0
      if (held.length >= need) {
        const payload = held.slice(0, need)
        held = subarray(held, need)
        const order = header
        header = null
        const obeyed = obey(order, payload)
        if (order.t === 'load') {
          // The agent's top level may await; the run frame behind it waits for that.
          await obeyed
          if (agent === null) held = new Bytes(0)
        } else if (order.t === 'run') {
          for (let turn = 0; run !== null && turn < SHORT_RUN_TURNS; turn++) await settled
        }
        continue
      }
    }
    const n = await readSome(buffer)
    if (n === null || n === 0) {
      // Without an agent nothing is left to do, and Deno ends by itself: only so it writes its caches (boot-cache.ts).
      if (agent === null) return
      exit(0)
    }
    if (need !== null && need - held.length > n) {
      // A big payload is read straight into its place.
      const whole = new Bytes(need)
      copyTo(whole, held, 0)
      copyTo(whole, subarray(buffer, 0, n), held.length)
      let at = held.length + n
      while (at < need) {
        const more = await readSome(subarray(whole, at))
        if (more === null || more === 0) exit(0)
        at += more
      }
      held = whole
    } else {
      const joined = new Bytes(held.length + n)
      copyTo(joined, held, 0)
      copyTo(joined, subarray(buffer, 0, n), held.length)
      held = joined
    }
  }
}

const [, zodFault] = core.evalContext(zodRuntime, 'file:///zod-runtime.js')
if (zodFault) exit(70)
send({ t: 'ready' })
then(listen(), undefined, () => exit(70))
