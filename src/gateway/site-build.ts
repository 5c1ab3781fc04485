import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findSetpriv } from '../platform/end-with-parent.ts'

export const PROJECT = fileURLToPath(new URL('../..', import.meta.url))
export const WEB = join(PROJECT, 'web')

/** One state of the site's sources, and where what was built from it lies. */
export type SiteBuild = {
  /** Names the state, the folder and what pages of it ask for. */
  readonly id: string
  readonly folder: string
}

/** Names the state that the sources are in now: the files of web/, and what the lockfile installs for them. */
export async function currentBuild(): Promise<SiteBuild> {
  const names = await readdir(WEB, { recursive: true, withFileTypes: true })
  const files = names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(WEB, '.next') + sep) && !path.endsWith(`${sep}next-env.d.ts`))
    .toSorted()
  const hash = createHash('sha256')
  for (const path of [...files, join(PROJECT, 'package-lock.json')]) {
    const bytes = await readFile(path)
    hash.update(`${path.slice(PROJECT.length)}\0${bytes.byteLength}\0`).update(bytes)
  }
  const id = hash.digest('hex').slice(0, 16)
  return { id, folder: join(WEB, '.next', id) }
}

/** Written last: a folder without it is a build under way, or what a crash left of one. */
const doneFile = (build: SiteBuild): string => join(build.folder, 'bureau-built')

export async function isBuilt(build: SiteBuild): Promise<boolean> {
  return stat(doneFile(build)).then(
    () => true,
    () => false,
  )
}

/** Another process of this machine that builds the same touches its claim this often, */
const CLAIM_EVERY_MS = 2_000
/** and is taken for dead after this long. */
const CLAIM_STALE_MS = 15_000
const BUILD_WITHIN_MS = 10 * 60_000

/** Builds, at the lowest priority: runs are served meanwhile. Processes that start together build once.
 * @param niceness another priority, for who waits for nothing else
 * @throws Error with the last lines of what the build said */
export async function buildSite(build: SiteBuild, signal: AbortSignal, niceness = 19): Promise<void> {
  await mkdir(join(WEB, '.next'), { recursive: true })
  const claim = `${build.folder}.claim`
  while (!(await isBuilt(build))) {
    if (!(await takeClaim(claim))) {
      await pause(250, undefined, { signal })
      continue
    }
    const touching = setInterval(() => {
      // Should the claim be gone, another process builds too: wasteful, and the last one to finish wins.
      utimes(claim, new Date(), new Date()).catch(() => undefined)
    }, CLAIM_EVERY_MS)
    try {
      await rm(build.folder, { recursive: true, force: true })
      await runBuild(build, AbortSignal.any([signal, AbortSignal.timeout(BUILD_WITHIN_MS)]), niceness)
      await writeFile(doneFile(build), `${new Date().toISOString()}\n`)
    } finally {
      clearInterval(touching)
      await rm(claim, { force: true })
    }
  }
  await removeOldBuilds(build)
}

async function takeClaim(claim: string): Promise<boolean> {
  try {
    await (await open(claim, 'wx')).close()
    return true
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    const touched = await stat(claim).then(
      ({ mtimeMs }) => mtimeMs,
      () => Date.now(), // It has just been given up.
    )
    if (Date.now() - touched > CLAIM_STALE_MS) await rm(claim, { force: true })
    return false
  }
}

async function runBuild(build: SiteBuild, signal: AbortSignal, niceness: number): Promise<void> {
  const next = join(PROJECT, 'node_modules', 'next', 'dist', 'bin', 'next')
  const { command, args } = await besideUs([process.execPath, next, 'build', WEB], niceness)
  const child = spawn(command, args, {
    cwd: PROJECT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', NODE_ENV: 'production', ...quiet, BUREAU_SITE_BUILD: build.id },
    signal,
    killSignal: 'SIGKILL',
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4_000)
    })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code !== 0) throw new Error(`next build ended with ${code ?? 'a signal'}:\n${said.trim()}`)
}

/** Next.js tells its makers nothing about this machine. */
export const quiet = { NEXT_TELEMETRY_DISABLED: '1' } as const

/** The command with a lower priority, ended by the kernel should we be killed. */
export async function besideUs(
  command: readonly string[],
  niceness: number,
): Promise<{ readonly command: string; readonly args: readonly string[] }> {
  const setpriv = await findSetpriv()
  const [first = '', ...rest] = [
    ...(setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'KILL']),
    'nice',
    '-n',
    String(niceness),
    ...command,
  ]
  return { command: first, args: rest }
}

/** Builds before this one: pages that are open in browsers still ask for the files of the last of them. */
export async function earlierBuilds(build: SiteBuild): Promise<SiteBuild[]> {
  const names = await readdir(join(WEB, '.next')).catch(() => [])
  const found = await Promise.all(
    names
      .filter((name) => /^[0-9a-f]{16}$/.test(name) && name !== build.id)
      .map(async (id) => {
        const other = { id, folder: join(WEB, '.next', id) }
        const builtMs = await stat(doneFile(other)).then(
          ({ mtimeMs }) => mtimeMs,
          () => 0,
        )
        return { other, builtMs }
      }),
  )
  return found
    .filter(({ builtMs }) => builtMs > 0)
    .toSorted((a, b) => b.builtMs - a.builtMs)
    .map(({ other }) => other)
}

const KEPT_BUILDS = 2

async function removeOldBuilds(build: SiteBuild): Promise<void> {
  for (const old of (await earlierBuilds(build)).slice(KEPT_BUILDS))
    await rm(old.folder, { recursive: true, force: true })
}
