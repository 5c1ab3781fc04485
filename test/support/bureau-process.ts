import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findSetpriv } from '../../src/platform/end-with-parent.ts'

/** A Bureau server in a process of its own, as an operator starts it. */
export type BureauProcess = {
  readonly pid: number
  readonly url: URL
  /** The last lines of what it wrote, for the message of a failed test. */
  output(): string
  /** Resolves once the process is gone, with its exit code or signal. */
  readonly gone: Promise<string>
  /** `kill -9` of this process alone, and the wait until it is gone. */
  kill(): Promise<void>
  /** SIGTERM, and SIGKILL after `graceMs`. Idempotent. */
  stop(graceMs?: number): Promise<void>
}

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
/** bwrap, setpriv and PostgreSQL's programs are looked up here. Nothing else of our environment reaches the server. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const OUTPUT_BYTES = 64_000

/** Starts `node src/main.ts` on a free port and waits until it is ready to take runs.
 * @param env what the operator sets; `BUREAU_HOST` and `PATH` are set here, `PORT` is a free one and no site is served
 *   unless it says so
 * @throws Error with the server's last lines if it ends, or is not ready within `withinMs` */
export async function startBureauProcess(
  env: Readonly<Record<string, string>>,
  withinMs = 120_000,
): Promise<BureauProcess> {
  const port = env['PORT'] === undefined ? await freePort() : Number(env['PORT'])
  // Whoever starts a server may be interrupted before it stops it, also by `kill -9`.
  const setpriv = await findSetpriv()
  const node = [process.execPath, MAIN]
  const [command = process.execPath, ...args] =
    setpriv === undefined ? node : [setpriv, '--pdeathsig', 'TERM', '--', ...node]
  const child = spawn(command, args, {
    // Pages are built and opened by the browser suite alone.
    env: { PATH, BUREAU_HOST: '127.0.0.1', BUREAU_SITE: 'none', ...env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid === undefined) throw new Error('the server did not start')
  const server = { child, port, output: collectOutput(child) }
  const gone = once(child, 'exit').then(([code, signal]) => String(signal ?? code))
  try {
    await untilReady(server, withinMs)
  } catch (error) {
    child.kill('SIGKILL')
    throw new Error(`${error instanceof Error ? error.message : 'not ready'}\n${server.output()}`, { cause: error })
  }
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  return {
    pid,
    url: new URL(`http://127.0.0.1:${port}/`),
    output: server.output,
    gone,
    async kill() {
      if (!hasEnded()) child.kill('SIGKILL')
      await gone
    },
    async stop(graceMs = 15_000) {
      if (hasEnded()) return
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), graceMs)
      await gone
      clearTimeout(late)
    },
  }
}

type Starting = { readonly child: ChildProcess; readonly port: number; readonly output: () => string }

async function untilReady({ child, port }: Starting, withinMs: number): Promise<void> {
  for (const until = performance.now() + withinMs; performance.now() < until; await sleep(20)) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the server ended with ${child.signalCode ?? child.exitCode} before it was ready`)
    const response = await fetch(`http://127.0.0.1:${port}/api/health/ready`, {
      signal: AbortSignal.timeout(2_000),
    }).catch(
      () => undefined, // Nobody listens yet.
    )
    await response?.body?.cancel()
    if (response?.status === 200) return
  }
  throw new Error(`the server was not ready within ${withinMs} ms`)
}

function collectOutput(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-OUTPUT_BYTES)
    })
  return () => text
}

/** A port nobody listens on now, below 32768: the kernel gives those above to outgoing connections, and one of them may
 * hold it by the time the server binds. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
  throw new Error('no free port between 20000 and 32000')
}
