import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { loadReply, type LoadOrder, type LoadReply, type LoadRound } from './protocol.ts'

export type Generator = {
  readonly pid: number
  /** Names a server and what each connection sends to it. Connections open with the first round that uses them. */
  open(target: string, url: URL, requests: readonly Buffer[]): Promise<void>
  /** A closed loop over the target's first `connections` connections, each pausing `thinkMs` (0) after an answer.
   * @throws Error if the generator does not answer within the round, its grace and ten seconds */
  round(target: string, connections: number, durationMs: number, thinkMs?: number): Promise<LoadRound>
  /** An open loop: `count` requests of the target, one after the other, at a fixed rate. Latencies count from when a
   * request was due. */
  arrivals(target: string, count: number, ratePerSecond: number): Promise<LoadRound>
  close(target: string): Promise<void>
  stop(): Promise<void>
}

/** How long an answer may take after a round's end before it counts as lost, in milliseconds. */
const GRACE_MS = 15_000
/** A burst of a thousand cold starts is worked off in its own time. */
const ARRIVALS_GRACE_MS = 120_000

/** Starts the load generator as a process of its own. */
export async function startGenerator(): Promise<Generator> {
  const child = fork(fileURLToPath(new URL('./generator.ts', import.meta.url)), {
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: {},
  })
  await once(child, 'spawn')
  const { pid } = child
  if (pid === undefined) throw new Error('the load generator has no pid')

  async function ask(order: LoadOrder, withinMs: number): Promise<LoadReply> {
    const deadline = AbortSignal.timeout(withinMs)
    const gone = new AbortController()
    const exited = once(child, 'exit', { signal: gone.signal }).then(() => {
      throw new Error('the load generator died')
    })
    const answer = once(child, 'message', { signal: deadline })
    child.send(order)
    try {
      const [message] = await Promise.race([answer, exited])
      const reply = loadReply.parse(message)
      if (reply.kind === 'error') throw new Error(`load generator: ${reply.message}`)
      return reply
    } finally {
      exited.catch(() => {}) // Ours: the wait for its death is called off below.
      gone.abort()
    }
  }

  return {
    pid,
    async open(target, url, requests) {
      await ask({ kind: 'open', target, host: url.hostname, port: Number(url.port), requests: [...requests] }, 10_000)
    },
    async round(target, connections, durationMs, thinkMs = 0) {
      const order = { kind: 'round', target, connections, durationMs, thinkMs, graceMs: GRACE_MS } as const
      const reply = await ask(order, durationMs + GRACE_MS + 10_000)
      if (reply.kind !== 'round') throw new Error('the load generator answered something else than a round')
      return reply.round
    },
    async arrivals(target, count, ratePerSecond) {
      const order = { kind: 'arrivals', target, count, ratePerSecond, graceMs: ARRIVALS_GRACE_MS } as const
      const reply = await ask(order, Math.ceil((count / ratePerSecond) * 1_000) + ARRIVALS_GRACE_MS + 10_000)
      if (reply.kind !== 'round') throw new Error('the load generator answered something else than a round')
      return reply.round
    },
    async close(target) {
      await ask({ kind: 'close', target }, 10_000)
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGKILL') // It owns nothing that needs an orderly end.
      await exit
    },
  }
}
