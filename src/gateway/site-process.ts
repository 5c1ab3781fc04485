import { spawn, type ChildProcess } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import type { Logger } from '../platform/logger.ts'
import type { Service } from '../platform/service.ts'
import { besideUs, buildSite, currentBuild, isBuilt, PROJECT, quiet, WEB, type SiteBuild } from './site-build.ts'
import { siteEnvironment, type SiteEnvironment } from './site-environment.ts'

/** Where pages come from. */
export type Site = {
  /** Its address, or null while there is none: it is being built, starts, or has died. */
  url(): string | null
  /** Whether its files lie on this machine. */
  readonly isBuiltHere: boolean
  /** What is served now, where it is built here. */
  build(): SiteBuild | null
}

/** A site that somebody else runs. */
export const siteElsewhere = (url: string): Site => ({
  url: () => new URL(url).origin,
  isBuiltHere: false,
  build: () => null,
})

/** Below the API: while pages are rendered, runs do not wait for them. */
const NICENESS = 10
const READY_WITHIN_MS = 60_000
const STEADY_AFTER_MS = 60_000

const listening = z.object({ kind: z.literal('listening'), port: z.int().min(1).max(65_535) })

/** The site in a process of its own, because rendering pages in this one starves the API fifteen-fold. Built when the
 * sources have changed, started after the API serves, started again when it dies, and gone with this process, also after
 * `kill -9`. Starting does not wait for it: whoever comes meanwhile is told so. */
export function createSiteProcess(deps: {
  readonly log: Logger
  readonly say: (line: string) => void
  /** Known once this process listens. */
  readonly environment: () => SiteEnvironment
}): Site & Service {
  const { log, say } = deps
  const stopped = new AbortController()
  let child: ChildProcess | undefined
  let url: string | null = null
  let build: SiteBuild | null = null
  let running: Promise<void> | undefined

  async function run(signal: AbortSignal): Promise<void> {
    let waitMs = 200
    while (!signal.aborted) {
      const fromMs = performance.now()
      try {
        await serveOnce(signal)
      } catch (error) {
        if (signal.aborted) return
        log.error({ err: error }, 'the site does not serve')
        say(`The site does not serve; the API does. ${error instanceof Error ? error.message : String(error)}`)
      } finally {
        url = null
      }
      if (performance.now() - fromMs > STEADY_AFTER_MS) waitMs = 200
      await pause(waitMs, undefined, { signal }).catch(() => undefined) // Stopped while it waited.
      waitMs = Math.min(waitMs * 2, 30_000)
    }
  }

  /** Builds if need be, serves until the process ends. */
  async function serveOnce(signal: AbortSignal): Promise<void> {
    const wanted = await currentBuild()
    let builtIn: string | null = null
    if (!(await isBuilt(wanted))) {
      const fromMs = performance.now()
      say('Building the site, once for this version; the API serves already …')
      await buildSite(wanted, signal)
      builtIn = `${Math.round((performance.now() - fromMs) / 1_000)} s`
    }
    build = wanted
    const started = await launch(wanted, signal)
    const ended = endOf(started)
    const port = await Promise.race([portOf(started), ended.then(diedEarly)])
    url = `http://127.0.0.1:${port}`
    if (builtIn !== null) say(`Built the site in ${builtIn}; its pages are there.`)
    log.info({ port, pid: started.pid }, 'the site serves')
    const how = await ended
    if (!signal.aborted) throw new Error(`its process ended by itself (${how})`)
  }

  async function launch(served: SiteBuild, signal: AbortSignal): Promise<ChildProcess> {
    const { command, args } = await besideUs([process.execPath, join(WEB, 'serve.mjs')], NICENESS)
    signal.throwIfAborted()
    const started = spawn(command, args, {
      cwd: PROJECT,
      // A group of its own: the terminal's Ctrl-C reaches us, and we end it after the last page was answered.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: {
        PATH: '/usr/local/bin:/usr/bin:/bin',
        NODE_ENV: 'production',
        ...quiet,
        BUREAU_SITE_BUILD: served.id,
        ...siteEnvironment(deps.environment()),
      },
    })
    child = started
    await yieldToOthers(started.pid)
    started.stderr
      ?.setEncoding('utf8')
      .on('data', (text: string) => log.warn({ said: text.slice(0, 4_000) }, 'the site said'))
    return started
  }

  return {
    name: 'site',
    isBuiltHere: true,
    url: () => url,
    build: () => build,
    start() {
      running = run(stopped.signal)
      return Promise.resolve()
    },
    async stop() {
      stopped.abort(new Error('the site is stopping'))
      if (child !== undefined && isRunning(child)) {
        const ended = endOf(child)
        child.kill('SIGTERM')
        const late = setTimeout(() => child?.kill('SIGKILL'), 3_000)
        await ended
        clearTimeout(late)
      }
      await running
    },
  }
}

const isRunning = (child: ChildProcess): boolean =>
  child.exitCode === null && child.signalCode === null && child.pid !== undefined

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    if (!isRunning(child)) return resolve(String(child.signalCode ?? child.exitCode))
    child.once('error', (error) => resolve(error.message))
    child.once('exit', (code, by) => resolve(String(by ?? code)))
  })
}

const diedEarly = (how: string): never => {
  throw new Error(`its process ended before it listened (${how})`)
}

function portOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      reject(new Error(`its process did not listen within ${READY_WITHIN_MS} ms`))
      child.kill('SIGKILL')
    }, READY_WITHIN_MS)
    child.on('message', (message) => {
      const said = listening.safeParse(message)
      if (!said.success) return
      clearTimeout(late)
      resolve(said.data.port)
    })
    child.once('exit', () => clearTimeout(late))
  })
}

/** Where Linux shares processors between sessions first (sched_autogroup, on desktops and small servers), a process that
 * leads a session of its own is nice to nobody outside it: its whole session has to be. See sched(7). */
async function yieldToOthers(pid: number | undefined): Promise<void> {
  // Without the file there is no such sharing, and its own niceness is what counts.
  await writeFile(`/proc/${pid ?? 0}/autogroup`, String(NICENESS)).catch(() => undefined)
}
