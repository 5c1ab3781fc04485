import { fork, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { SpawnPlan } from './driver.ts'
import { makeRuntimeFolder } from './runtime-folder.ts'

/** Who hears a launched process. */
export type ProcessListener = {
  data(chunk: Buffer): void
  /** Once, after the last `data`. */
  ended(code: number | null, signal: string | null, stderr: string): void
}

/** A process started by the launcher, spoken to over one socket that is its standard input and output. */
export type LaunchedProcess = {
  /** Its pid on the host; null until it runs. */
  readonly pid: number | null
  write(...parts: readonly (string | Uint8Array)[]): void
  /** Resolves when what was written is taken, or it is gone. */
  drained(): Promise<void>
  /** Stops listening: what it says then stays with it, and it waits. */
  pause(): void
  resume(): void
  kill(): void
}

const report = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), id: z.string(), pid: z.number().int() }),
  z.object({
    type: z.literal('ended'),
    id: z.string(),
    code: z.number().nullable(),
    signal: z.string().nullable(),
    stderr: z.string(),
  }),
])

const PROGRAM = fileURLToPath(new URL('./launcher-process.js', import.meta.url))
const ID_BYTES = 32

/** Starts processes through a small process of its own, see launcher-process.js. If that process dies, everything it
 * started dies with it and is reported ended; the next launch starts another. */
export class Launcher {
  readonly #launched = new Map<string, Launched>()
  #folder: string | null = null
  #server: Server | null = null
  #child: ChildProcess | null = null

  /** Opens the socket that launched processes are met on. */
  async start(): Promise<void> {
    this.#folder = makeRuntimeFolder()
    const server = createServer((socket) => this.#meet(socket))
    this.#server = server
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#socketPath(), resolve)
    })
    this.#child = this.#startChild()
  }

  launch(plan: SpawnPlan, listener: ProcessListener): LaunchedProcess {
    const child = (this.#child ??= this.#startChild())
    // Random, because whoever names it on the socket is taken for it.
    const id = randomBytes(ID_BYTES / 2).toString('hex')
    const launched = new Launched(listener, () => child.connected && child.send({ type: 'kill', id }))
    this.#launched.set(id, launched)
    child.send({ type: 'launch', id, plan })
    return launched
  }

  async stop(): Promise<void> {
    const child = this.#child
    this.#child = null
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      if (child.connected) child.disconnect()
      await gone
    }
    const server = this.#server
    this.#server = null
    if (server !== null) await new Promise<void>((resolve) => server.close(() => resolve()))
    if (this.#folder !== null) rmSync(this.#folder, { recursive: true, force: true })
  }

  #socketPath(): string {
    return path.join(this.#folder ?? tmpdir(), 'launcher.sock')
  }

  #startChild(): ChildProcess {
    const child = fork(PROGRAM, [this.#socketPath()], {
      env: {},
      // The smaller it is, the cheaper it forks.
      execArgv: ['--max-old-space-size=32', '--max-semi-space-size=1'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      detached: true,
    })
    child.on('message', (message) => {
      const parsed = report.safeParse(message)
      if (!parsed.success) return
      const launched = this.#launched.get(parsed.data.id)
      if (launched === undefined) return
      if (parsed.data.type === 'started') launched.pid = parsed.data.pid
      else {
        this.#launched.delete(parsed.data.id)
        launched.exited(parsed.data.code, parsed.data.signal, parsed.data.stderr)
      }
    })
    child.on('error', () => undefined)
    child.on('exit', () => {
      if (this.#child === child) this.#child = null
      const orphans = [...this.#launched.values()]
      this.#launched.clear()
      for (const orphan of orphans) orphan.exited(null, 'SIGKILL', 'the launcher ended')
    })
    return child
  }

  #meet(socket: Socket): void {
    let head = Buffer.alloc(0)
    socket.on('error', () => undefined)
    const onData = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk])
      if (head.length < ID_BYTES) return
      socket.off('data', onData)
      const launched = this.#launched.get(head.subarray(0, ID_BYTES).toString('latin1'))
      if (launched === undefined) return void socket.destroy()
      launched.met(socket, head.subarray(ID_BYTES))
    }
    socket.on('data', onData)
  }
}

class Launched implements LaunchedProcess {
  pid: number | null = null
  readonly #listener: ProcessListener
  readonly #kill: () => void
  #socket: Socket | null = null
  #socketClosed = false
  #exit: { code: number | null; signal: string | null; stderr: string } | null = null
  #ended = false

  constructor(listener: ProcessListener, kill: () => void) {
    this.#listener = listener
    this.#kill = kill
  }

  write(...parts: readonly (string | Uint8Array)[]): void {
    if (this.#socket === null || this.#socket.destroyed) return
    // One system call for all: the reader wakes at the first byte, and would wake again at the next part.
    if (parts.length > 1) this.#socket.cork()
    for (const part of parts) this.#socket.write(part)
    if (parts.length > 1) this.#socket.uncork()
  }

  async drained(): Promise<void> {
    const socket = this.#socket
    if (socket === null || socket.destroyed || !socket.writableNeedDrain) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        socket.off('drain', done)
        socket.off('close', done)
        resolve()
      }
      socket.on('drain', done)
      socket.on('close', done)
    })
  }

  pause(): void {
    this.#socket?.pause()
  }

  resume(): void {
    this.#socket?.resume()
  }

  kill(): void {
    // A socket that is not read does not close.
    this.#socket?.resume()
    this.#kill()
  }

  met(socket: Socket, first: Buffer): void {
    if (this.#socket !== null || this.#ended) return void socket.destroy()
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#listener.data(chunk))
    socket.on('close', () => {
      this.#socketClosed = true
      this.#endOnce()
    })
    if (first.length > 0) this.#listener.data(first)
  }

  exited(code: number | null, signal: string | null, stderr: string): void {
    this.#exit = { code, signal, stderr }
    this.#socket?.resume()
    // What it wrote last may still be in the socket; its close comes after that.
    if (this.#socket === null) this.#socketClosed = true
    else this.#socket.end()
    this.#endOnce()
  }

  #endOnce(): void {
    if (this.#ended || this.#exit === null || !this.#socketClosed) return
    this.#ended = true
    this.#listener.ended(this.#exit.code, this.#exit.signal, this.#exit.stderr)
  }
}
