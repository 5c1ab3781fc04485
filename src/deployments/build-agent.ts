import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { AgentRuntime } from '../sandbox/index.ts'
import { buildPythonAgent, PYTHON_ENTRY } from './build-python-agent.ts'
import { ENTRIES, MAX_BUNDLE_BYTES, type Bundle } from './bundle-agent.ts'
import { deploymentsErrors } from './deployments.errors.ts'
import { fetchPackages, readLockedPackages, type PackageFiles } from './npm-packages.ts'
import { readOwnPackages } from './own-packages.ts'
import type { TakenWheel } from './python-packages.ts'
import { packSource, type SourceFiles } from './source-files.ts'

const PROCESS = fileURLToPath(new URL('./bundle-process.ts', import.meta.url))
const PRLIMIT = '/usr/bin/prlimit'
const TIMEOUT_MS = 30_000
/** Of each process: the bundler takes some 100 MB, and 1 GB for source that is nested a million deep. */
const MAX_MEMORY_BYTES = 1_500_000_000
const MAX_CPU_SECONDS = 30

const answer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), code: z.string(), sha256: z.string(), sizeBytes: z.number() }),
  z.object({ ok: z.literal(false), code: z.string(), details: z.record(z.string(), z.unknown()) }),
])

/** A bundle, and what executes it. */
export type BuiltAgent = Bundle & {
  readonly runtime: AgentRuntime
  /** Packages that were taken in from the Python index. */
  readonly wheels: readonly TakenWheel[]
}

export type BuildOptions = {
  /** Where npm packages come from; null where none are taken in. */
  readonly registry: URL | null
  /** Where Python packages come from. */
  readonly pythonIndex?: URL | null
}

/** Makes an agent's code of its source, fetching the packages that it pins first.
 * @throws SOURCE_INVALID where it could be either language, what {@link buildPythonAgent}, {@link readLockedPackages},
 * {@link fetchPackages} and {@link bundleApart} throw */
export async function buildAgent(
  files: SourceFiles,
  signal: AbortSignal,
  options: BuildOptions = { registry: null },
): Promise<BuiltAgent> {
  if (files.has(PYTHON_ENTRY)) {
    const other = ENTRIES.find((name) => files.has(name))
    if (other !== undefined)
      throw deploymentsErrors.SOURCE_INVALID({ problem: `There are ${PYTHON_ENTRY} and ${other}: one is the agent.` })
    return { ...(await buildPythonAgent(files, signal, options.pythonIndex ?? null)), runtime: 'python' }
  }
  return { ...(await buildModule(files, signal, options)), runtime: 'javascript', wheels: [] }
}

async function buildModule(files: SourceFiles, signal: AbortSignal, options: BuildOptions): Promise<Bundle> {
  const locked = readLockedPackages(files, options.registry)
  if (locked.length === 0) return bundleApart(files, null, signal)
  const own = await readOwnPackages(locked)
  const rest = locked.filter(({ path }) => !own.has(path))
  if (rest.length > 0 && options.registry === null) throw deploymentsErrors.DEPENDENCIES_NOT_OFFERED()
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'bureau-build-')))
  try {
    for (const files of own.values()) await writePackages(dir, files)
    await writePackages(dir, await fetchPackages(rest, signal))
    return await bundleApart(files, dir, signal)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

async function writePackages(dir: string, packages: PackageFiles): Promise<void> {
  for (const [path, content] of packages) {
    const file = join(dir, path)
    await mkdir(dirname(file), { recursive: true })
    // `wx`: a tarball that names a file twice, or two that differ in case alone, is not written over.
    await writeFile(file, content, { flag: 'wx', mode: 0o644 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
}

/** Bundles an agent in a process of its own, with an empty environment and bounds on time and memory: 900 kB of opening
 * brackets end the bundler by stack overflow after 1 GB, which must be the end of that build and of nothing else.
 * @throws BUNDLE_IMPORT_REFUSED, BUNDLE_BUILTIN_REFUSED, BUNDLE_FAILED, BUNDLE_TOO_LARGE; the signal's reason when aborted */
async function bundleApart(files: SourceFiles, packagesDir: string | null, signal: AbortSignal): Promise<Bundle> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  const text = await runProcess(packSource(files).bytes, packagesDir, deadline)
  signal.throwIfAborted()
  if (text === null)
    throw deploymentsErrors.BUNDLE_FAILED({
      problem: 'The bundler could not read the source: it is too deep, or took too long.',
    })
  const answered = answer.parse(JSON.parse(text))
  if (answered.ok) return { code: answered.code, sha256: answered.sha256, sizeBytes: answered.sizeBytes }
  const { code, details } = answered
  if (code === 'BUNDLE_IMPORT_REFUSED') throw deploymentsErrors.BUNDLE_IMPORT_REFUSED(details)
  if (code === 'BUNDLE_BUILTIN_REFUSED') throw deploymentsErrors.BUNDLE_BUILTIN_REFUSED(details)
  if (code === 'BUNDLE_TOO_LARGE') throw deploymentsErrors.BUNDLE_TOO_LARGE(details)
  throw deploymentsErrors.BUNDLE_FAILED(details)
}

/** @returns what the process wrote, or null if it died, hung or wrote too much */
function runProcess(input: Buffer, packagesDir: string | null, deadline: AbortSignal): Promise<string | null> {
  const node = [process.execPath, '--max-old-space-size=512', PROCESS, ...(packagesDir === null ? [] : [packagesDir])]
  const [command = process.execPath, ...args] = existsSync(PRLIMIT)
    ? [PRLIMIT, `--data=${MAX_MEMORY_BYTES}`, `--cpu=${MAX_CPU_SECONDS}`, '--core=0', '--', ...node]
    : node
  return new Promise((resolve, reject) => {
    // detached: a group of its own, so that the bundler's own child dies with it.
    const child = spawn(command, args, { env: {}, stdio: ['pipe', 'pipe', 'ignore'], detached: true })
    const kill = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It ended by itself in this moment.
      }
    }
    const chunks: Buffer[] = []
    let sizeBytes = 0
    deadline.addEventListener('abort', kill, { once: true })
    child.stdout.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.byteLength
      if (sizeBytes > MAX_BUNDLE_BYTES * 4) kill()
      else chunks.push(chunk)
    })
    child.on('error', reject)
    child.on('close', (exitCode) => {
      deadline.removeEventListener('abort', kill)
      kill()
      resolve(exitCode === 0 ? Buffer.concat(chunks).toString('utf8') : null)
    })
    child.stdin.on('error', () => {}) // it died before it had read everything: its exit tells
    child.stdin.end(input)
  })
}
