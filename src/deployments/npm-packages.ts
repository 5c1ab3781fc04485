import { createHash, timingSafeEqual } from 'node:crypto'
import { posix } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { unpackTar } from 'modern-tar'
import { z } from 'zod'
import { deploymentsErrors } from './deployments.errors.ts'
import type { SourceFiles } from './source-files.ts'

/** A package as the lockfile names it. */
export type LockedPackage = {
  /** Where it is installed: `node_modules/a`, `node_modules/a/node_modules/b`. */
  readonly path: string
  readonly url: string
  /** SHA-512 of the tarball. */
  readonly sha512: Buffer
}

/** Packages on their way into a bundle: each file by its path below the folder of the build. */
export type PackageFiles = ReadonlyMap<string, Uint8Array>

const MAX_PACKAGES = 300
const MAX_TARBALL_BYTES = 20_000_000
const MAX_UNPACKED_BYTES = 100_000_000
const MAX_FILES = 20_000
const AT_ONCE = 6
const TIMEOUT_MS = 60_000
/** Whose addresses npm writes into a lockfile, whatever registry was asked. */
const PUBLIC_REGISTRY = new URL('https://registry.npmjs.org/')

/** What an agent has anyway: the SDK is an alias, zod comes with it. */
const OURS = new Set(['bureau', 'zod'])

const ranges = z.record(z.string(), z.string()).default({})
const packageJson = z.looseObject({ dependencies: ranges })
const lockEntry = z.looseObject({
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  dev: z.boolean().optional(),
  link: z.boolean().optional(),
  os: z.array(z.string()).optional(),
  cpu: z.array(z.string()).optional(),
})
const lockfile = z.looseObject({ lockfileVersion: z.int().min(2), packages: z.record(z.string(), lockEntry) })

/** `node_modules/…` and nothing that could lead out of it. */
const installPath =
  /^(node_modules\/(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*)(\/node_modules\/(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*)*$/i

/** The packages that an agent's source asks for, as its lockfile pins them; without a registry too, because some may be
 * here already. The lockfile is the creator's, so all of it
 * is checked: only tarballs of the operator's registry, each with a SHA-512; no links, no git, no other address, which
 * is what would let a stranger's upload make this machine fetch what it can reach and they cannot.
 * @returns [] where nothing is asked for
 * @throws DEPENDENCIES_INVALID saying which package and why, DEPENDENCIES_NOT_LOCKED, DEPENDENCIES_NOT_OFFERED */
export function readLockedPackages(files: SourceFiles, registry: URL | null): LockedPackage[] {
  const wanted = Object.keys(readJson(files, 'package.json', packageJson)?.dependencies ?? {})
  if (wanted.every((name) => OURS.has(name))) return []
  const lock = readJson(files, 'package-lock.json', lockfile)
  if (lock === null)
    throw registry === null ? deploymentsErrors.DEPENDENCIES_NOT_OFFERED() : deploymentsErrors.DEPENDENCIES_NOT_LOCKED()
  for (const name of wanted)
    if (!OURS.has(name) && lock.packages[`node_modules/${name}`] === undefined)
      throw deploymentsErrors.DEPENDENCIES_NOT_LOCKED()
  const entries = Object.entries(lock.packages).filter(
    ([path, entry]) => path !== '' && entry.dev !== true && entry.os === undefined && entry.cpu === undefined,
  )
  if (entries.length > MAX_PACKAGES)
    throw invalid(`At most ${MAX_PACKAGES} packages are taken; these are ${entries.length}.`)
  return entries.flatMap(([path, entry]) => {
    // The SDK of an editor: never part of an agent.
    if (path === 'node_modules/bureau') return []
    return [lockedPackage(path, entry, registry ?? PUBLIC_REGISTRY)]
  })
}

function lockedPackage(path: string, entry: z.infer<typeof lockEntry>, registry: URL): LockedPackage {
  const name = path.slice(0, 200)
  if (!installPath.test(path)) throw invalid(`${name} is not a place of a package.`)
  if (entry.link === true || entry.resolved === undefined)
    throw invalid(`${name} is a link to a folder: publish it, or copy its files into the agent.`)
  const url = URL.canParse(entry.resolved) ? new URL(entry.resolved) : null
  // npm writes the registry's public address whatever registry was asked, and asks its own for the same path.
  const isPublic = url?.origin === PUBLIC_REGISTRY.origin
  const isHere = url?.origin === registry.origin && url.pathname.startsWith(registry.pathname)
  if (url === null || !(isPublic || isHere) || url.username !== '' || url.search !== '')
    throw invalid(`${name} comes from ${entry.resolved.slice(0, 200)}: only ${registry.href} is asked.`)
  const sha512 = /(?:^|\s)sha512-([A-Za-z0-9+/]{86}==)/.exec(entry.integrity ?? '')?.[1]
  if (sha512 === undefined) throw invalid(`${name} has no SHA-512 in the lockfile: make it anew with a current npm.`)
  const at = isHere ? url : new URL(`.${url.pathname}`, registry)
  return { path, url: at.href, sha512: Buffer.from(sha512, 'base64') }
}

function readJson<T>(files: SourceFiles, name: string, schema: z.ZodType<T>): T | null {
  const bytes = files.get(name)
  if (bytes === undefined) return null
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw invalid(`${name} is not JSON.`, cause)
  }
  const parsed = schema.safeParse(value)
  if (!parsed.success)
    throw invalid(`${name}: ${parsed.error.issues[0]?.path.join('.') ?? ''} ${parsed.error.issues[0]?.message ?? ''}`)
  return parsed.data
}

const invalid = (reason: string, cause?: unknown) => deploymentsErrors.DEPENDENCIES_INVALID({ reason }, { cause })

/** Fetches the packages and takes them apart. Nothing of them is executed: no install script, no npm.
 * @throws DEPENDENCIES_INVALID for what is not what the lockfile pins, DEPENDENCIES_UNAVAILABLE where the registry does
 * not answer */
export async function fetchPackages(packages: readonly LockedPackage[], signal: AbortSignal): Promise<PackageFiles> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  const files = new Map<string, Uint8Array>()
  const budget = { bytes: MAX_UNPACKED_BYTES, files: MAX_FILES }
  const rest = [...packages]
  const work = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      const tarball = await download(next, deadline)
      signal.throwIfAborted()
      await unpack(next, tarball, budget, files)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return files
}

async function download({ path, url, sha512 }: LockedPackage, signal: AbortSignal): Promise<Buffer> {
  let tarball: Buffer
  try {
    // Not followed elsewhere: the registry is the one address that the operator named.
    const response = await fetch(url, { signal, redirect: 'error' })
    if (response.status === 404 || response.status === 410) throw invalid(`${path} is not in the registry (${url}).`)
    if (!response.ok || response.body === null) throw new Error(`the registry answered ${response.status}`)
    const chunks: Uint8Array[] = []
    let sizeBytes = 0
    for await (const chunk of response.body) {
      sizeBytes += chunk.byteLength
      if (sizeBytes > MAX_TARBALL_BYTES) throw invalid(`${path} is larger than ${MAX_TARBALL_BYTES} bytes.`)
      chunks.push(chunk)
    }
    tarball = Buffer.concat(chunks)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'DEPENDENCIES_INVALID') throw error
    signal.throwIfAborted()
    throw deploymentsErrors.DEPENDENCIES_UNAVAILABLE({ package: path }, { cause: error })
  }
  if (!timingSafeEqual(createHash('sha512').update(tarball).digest(), sha512))
    throw invalid(`${path} is not what the lockfile pins: its SHA-512 differs.`)
  return tarball
}

const unzip = promisify(gunzip)

async function unpack(
  { path }: LockedPackage,
  tarball: Buffer,
  budget: { bytes: number; files: number },
  into: Map<string, Uint8Array>,
): Promise<void> {
  let entries: Awaited<ReturnType<typeof unpackTar>>
  try {
    // A bomb ends here: the unpacked size is bounded before anything is kept.
    entries = await unpackTar(await unzip(tarball, { maxOutputLength: Math.max(budget.bytes, 1) }), { strict: true })
  } catch (cause) {
    throw invalid(`${path} cannot be unpacked, or is larger than is taken here.`, cause)
  }
  for (const { header, data } of entries) {
    // Links and devices are not files, and no bundle needs one.
    if (header.type !== 'file' || data === undefined) continue
    const inside = posix.normalize(header.name.replace(/^[^/]+\//, ''))
    if (inside.startsWith('..') || inside.startsWith('/') || inside.includes('\0'))
      throw invalid(`${path} has a file that leads out of it: ${header.name.slice(0, 100)}.`)
    if (inside.split('/').includes('node_modules')) continue
    budget.bytes -= data.byteLength
    budget.files -= 1
    if (budget.bytes < 0 || budget.files < 0)
      throw invalid(`All packages together are more than ${MAX_UNPACKED_BYTES} bytes or ${MAX_FILES} files.`)
    into.set(`${path}/${inside}`, data)
  }
}
