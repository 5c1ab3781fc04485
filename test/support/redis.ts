import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { choosePort } from '../../src/platform/embedded-postgres-files.ts'
import { findProgram } from './capabilities.ts'
import { atEndOfFile } from './each-file.ts'
import { eventually } from './eventually.ts'

export type TestRedis = {
  readonly url: string
  /** Freezes the server as a lost network would: connections stay, nothing is answered. */
  freeze(): void
  thaw(): void
  /** `kill -9`. */
  kill(): Promise<void>
  /** Also called at the end of the file. */
  stop(): Promise<void>
}

/** Debian's redis-server on 127.0.0.1, without persistence. Guard the tests with `isMissing('redis-server')`. */
export async function aRedis(): Promise<TestRedis> {
  const program = findProgram('redis-server')
  if (program === undefined) throw new Error('redis-server is not installed')
  const directory = await mkdtemp(join(tmpdir(), 'bureau-redis-'))
  const logFile = join(directory, 'log')
  const port = await choosePort(undefined)
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--dir', directory, '--logfile', logFile]
  // A worker that is killed must not leave its server behind.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  ended.catch(() => undefined)
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    child.kill('SIGCONT')
    child.kill(signal)
    await ended
  }
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> =>
    (stopping ??= end('SIGTERM').then(() => rm(directory, { recursive: true, force: true })))
  atEndOfFile(stop)
  await eventually(() => ping(port), { withinMs: 5_000 }).catch(async (cause: unknown) => {
    throw new Error(`redis-server did not start: ${await readFile(logFile, 'utf8').catch(() => '')}`, { cause })
  })
  return {
    url: `redis://127.0.0.1:${port}`,
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    kill: () => end('SIGKILL'),
    stop,
  }
}

async function ping(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  try {
    socket.end('PING\r\n')
    const [answer] = await once(socket, 'data', { signal: AbortSignal.timeout(1_000) })
    if (String(answer) !== '+PONG\r\n') throw new Error(`redis-server answered ${String(answer)}`)
  } finally {
    socket.destroy()
  }
}
