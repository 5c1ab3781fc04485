import { connect, type Socket } from 'node:net'

/** One answer. The body is as it came, so that counting runs costs no decoding. */
export type Answer = { readonly status: number; readonly body: Buffer }

export type HttpConnection = {
  /** Sends one request, as bytes, and resolves with its answer. One at a time: nothing is pipelined.
   * @throws Error if the connection ends before the whole answer arrived, or if one is already under way */
  exchange(request: Buffer): Promise<Answer>
  close(): void
}

type Waiting = { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void }

const HEAD_END = Buffer.from('\r\n\r\n')

/** An HTTP/1.1 keep-alive connection over a bare socket. It knows just what the servers under test answer
 * (`Content-Length` or chunks); `fetch` spends 60-90 µs a request on what a load generator does not need, and then the
 * generator is what is measured (bench/load/generator.ts reports its own ceiling).
 * @param deadlineMs time to connect */
export async function openHttpConnection(host: string, port: number, deadlineMs = 5_000): Promise<HttpConnection> {
  const socket = await connected(host, port, deadlineMs)
  let received: Buffer = Buffer.alloc(0)
  let waiting: Waiting | undefined
  let ended: Error | undefined

  const end = (error: Error): void => {
    ended ??= error
    const open = waiting
    waiting = undefined
    open?.reject(error)
  }
  socket.on('data', (chunk) => {
    received = received.length === 0 ? chunk : Buffer.concat([received, chunk])
    try {
      const parsed = parseAnswer(received)
      if (parsed === undefined) return
      received = received.subarray(parsed.bytes)
      const open = waiting
      waiting = undefined
      open?.resolve(parsed.answer)
    } catch (error) {
      end(error instanceof Error ? error : new Error('unreadable answer'))
      socket.destroy()
    }
  })
  socket.on('error', end)
  socket.on('close', () => end(new Error('the connection was closed before the answer')))

  return {
    exchange(request) {
      if (ended !== undefined) return Promise.reject(ended)
      if (waiting !== undefined) return Promise.reject(new Error('an exchange is under way'))
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject }
        socket.write(request)
      })
    },
    close: () => socket.destroy(),
  }
}

/** The bytes of a request. @param headers names and values, `Host` and `Content-Length` apart */
export function encodeRequest(
  method: 'GET' | 'POST',
  url: URL,
  headers: Readonly<Record<string, string>>,
  body = '',
): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(
    `${method} ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n${lines.join('')}` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

type Parsed = { readonly answer: Answer; readonly bytes: number }

/** The first whole answer in the bytes, or undefined while some of it is missing. Exported for its test. */
export function parseAnswer(bytes: Buffer): Parsed | undefined {
  const headEnd = bytes.indexOf(HEAD_END)
  if (headEnd < 0) return undefined
  const head = bytes.toString('latin1', 0, headEnd)
  const status = Number(head.slice(9, 12))
  const bodyStart = headEnd + 4
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
  if (length !== undefined) {
    const end = bodyStart + Number(length)
    return bytes.length < end ? undefined : { answer: { status, body: bytes.subarray(bodyStart, end) }, bytes: end }
  }
  if (status === 204 || status === 304) return { answer: { status, body: Buffer.alloc(0) }, bytes: bodyStart }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) throw new Error('an answer without a length')
  return parseChunks(bytes, bodyStart, status)
}

function parseChunks(bytes: Buffer, bodyStart: number, status: number): Parsed | undefined {
  const chunks: Buffer[] = []
  for (let at = bodyStart; ;) {
    const lineEnd = bytes.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16)
    if (!Number.isSafeInteger(size)) throw new Error('a chunk without a size')
    const end = lineEnd + 2 + size + 2
    if (bytes.length < end) return undefined
    if (size === 0) return { answer: { status, body: Buffer.concat(chunks) }, bytes: end }
    chunks.push(bytes.subarray(lineEnd + 2, end - 2))
    at = end
  }
}

function connected(host: string, port: number, deadlineMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true })
    const late = setTimeout(() => socket.destroy(new Error(`no connection within ${deadlineMs} ms`)), deadlineMs)
    socket.once('error', (error) => {
      clearTimeout(late)
      reject(error)
    })
    socket.once('connect', () => {
      clearTimeout(late)
      socket.removeAllListeners('error')
      resolve(socket)
    })
  })
}
