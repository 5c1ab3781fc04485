import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { unzipSync } from 'fflate'
import { z } from 'zod'
import { deploymentsErrors } from './deployments.errors.ts'
import type { PackageFiles } from './npm-packages.ts'
import type { SourceFiles } from './source-files.ts'

/** A package as requirements.txt pins it. */
export type PinnedPackage = {
  /** Normalised: lower case, dashes. */
  readonly name: string
  readonly version: string
  /** SHA-256 that its wheel may have; any where none is given. */
  readonly sha256: readonly string[]
}

/** A wheel as it was taken in. */
export type TakenWheel = {
  readonly name: string
  readonly version: string
  readonly file: string
  readonly sha256: string
}

const MAX_PACKAGES = 100
const MAX_INDEX_BYTES = 20_000_000
const MAX_WHEEL_BYTES = 10_000_000
const MAX_UNPACKED_BYTES = 30_000_000
const TIMEOUT_MS = 60_000
const AT_ONCE = 4

const invalid = (reason: string, cause?: unknown) => deploymentsErrors.DEPENDENCIES_INVALID({ reason }, { cause })

/** As PEP 503 compares names. */
const normalised = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-')

const pinned = /^([A-Za-z0-9][A-Za-z0-9._-]*)\s*==\s*([A-Za-z0-9.!+_-]+)$/

/** The packages that an agent's requirements.txt pins. All of it is checked, because it is the creator's: no address, no
 * index, no folder and no other file can be named in it, so an upload cannot make this machine fetch what it can reach and
 * its creator cannot.
 * @returns [] where nothing is asked for
 * @throws PYTHON_PACKAGES_NOT_OFFERED, PYTHON_PACKAGES_NOT_PINNED naming the line, DEPENDENCIES_INVALID */
export function readRequirements(files: SourceFiles, index: URL | null): PinnedPackage[] {
  const bytes = files.get('requirements.txt')
  const text = bytes === undefined ? '' : Buffer.from(bytes).toString('utf8')
  const lines = text
    .replaceAll(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
  if (lines.length === 0) return []
  if (index === null) throw deploymentsErrors.PYTHON_PACKAGES_NOT_OFFERED()
  const packages = lines.flatMap((line) => pinnedPackage(line))
  if (packages.length > MAX_PACKAGES)
    throw invalid(`At most ${MAX_PACKAGES} packages are taken; these are ${packages.length}.`)
  const names = packages.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw invalid(`${twice} stands in requirements.txt twice.`)
  return packages
}

function pinnedPackage(line: string): PinnedPackage[] {
  if (line.startsWith('-'))
    throw invalid(`requirements.txt has an option, "${line.slice(0, 80)}": only packages are taken.`)
  const sha256 = [...line.matchAll(/\s--hash=sha256:([0-9a-f]{64})\b/g)].map(([, hash = '']) => hash)
  const [requirement = '', marker = ''] = line.replace(/\s--hash=.*$/, '').split(';')
  const [, name, version] = pinned.exec(requirement.trim()) ?? []
  if (name === undefined || version === undefined)
    throw deploymentsErrors.PYTHON_PACKAGES_NOT_PINNED({ line: requirement.trim().slice(0, 200) })
  return appliesHere(marker) ? [{ name: normalised(name), version, sha256 }] : []
}

const HERE: Readonly<Record<string, string>> = {
  sys_platform: 'linux',
  platform_system: 'Linux',
  os_name: 'posix',
  implementation_name: 'cpython',
  platform_python_implementation: 'CPython',
}

/** Does a marker leave the package in? Only what is the same on every site is judged: a comparison with anything else
 * leaves it in. */
function appliesHere(marker: string): boolean {
  if (marker.trim() === '') return true
  return marker.split(/\sor\s/).some((some) =>
    some.split(/\sand\s/).every((each) => {
      const [, variable = '', operator, value] = /(\w+)\s*(==|!=)\s*["']([^"']*)["']/.exec(each) ?? []
      const known = HERE[variable]
      return known === undefined || (operator === '==') === (known === value)
    }),
  )
}

const listing = z.looseObject({
  files: z.array(z.looseObject({ filename: z.string(), url: z.string(), hashes: z.record(z.string(), z.string()) })),
})
type Listed = { readonly file: string; readonly url: URL; readonly sha256: string }

/** Fetches the wheels and takes them apart. Nothing of them is executed: no setup.py, no pip, no build.
 * @returns the files below `.packages`, and what was taken in, with its hashes
 * @throws DEPENDENCIES_INVALID saying which package and why, PYTHON_PACKAGES_NOT_PINNED for one that another needs,
 * PYTHON_INDEX_UNAVAILABLE where the index does not answer */
export async function fetchWheels(
  packages: readonly PinnedPackage[],
  index: URL,
  signal: AbortSignal,
): Promise<{ files: PackageFiles; wheels: readonly TakenWheel[] }> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])
  const files = new Map<string, Uint8Array>()
  const wheels: TakenWheel[] = []
  const budget = { bytes: MAX_UNPACKED_BYTES }
  const needs: { readonly by: string; readonly name: string }[] = []
  const rest = [...packages]
  const work = async (): Promise<void> => {
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      const wheel = await findWheel(next, index, deadline)
      const bytes = await fetchBytes(next, wheel.url, { signal: deadline, mostBytes: MAX_WHEEL_BYTES })
      if (createHash('sha256').update(bytes).digest('hex') !== wheel.sha256)
        throw invalid(`${wheel.file} is not what the index says: its SHA-256 differs.`)
      const { name, version } = next
      wheels.push({ name, version, file: wheel.file, sha256: wheel.sha256 })
      unpackWheel(wheel.file, bytes, budget, files)
      needs.push(...needsOf(name, files))
      signal.throwIfAborted()
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  const there = new Set(packages.map(({ name }) => name))
  const missing = needs.find(({ name }) => !there.has(name))
  if (missing !== undefined)
    throw deploymentsErrors.PYTHON_PACKAGES_NOT_PINNED({ line: `${missing.name}, which ${missing.by} needs` })
  return { files, wheels: wheels.toSorted((a, b) => (a.name < b.name ? -1 : 1)) }
}

async function findWheel(wanted: PinnedPackage, index: URL, signal: AbortSignal): Promise<Listed> {
  const { name, version, sha256 } = wanted
  const at = new URL(`${name}/`, index)
  const page = await fetchBytes(wanted, at, { signal, mostBytes: MAX_INDEX_BYTES })
  const listed = listedIn(page.toString('utf8'), at).filter((each) => isOf(each.file, name, version))
  const wheel = listed.find((each) => isPure(each.file) && (sha256.length === 0 || sha256.includes(each.sha256)))
  if (wheel !== undefined) {
    const isOfIndex = wheel.url.origin === index.origin
    const isOfPyPi = index.origin === 'https://pypi.org' && wheel.url.origin === 'https://files.pythonhosted.org'
    if (!isOfIndex && !isOfPyPi)
      throw invalid(`${wheel.file} is not on ${index.origin}, where packages come from here.`)
    return wheel
  }
  if (listed.some((each) => isPure(each.file)))
    throw invalid(`No wheel of ${name} ${version} has a hash that requirements.txt names.`)
  if (listed.some((each) => each.file.endsWith('.whl')))
    throw invalid(
      `${name} ${version} is native code, which agents cannot bring; only packages in pure Python are taken.`,
    )
  if (listed.length > 0)
    throw invalid(
      `${name} ${version} is there as source only, and nothing is built here: choose a version with a wheel.`,
    )
  throw invalid(`${name} ${version} is not in the index.`)
}

/** What the index lists: PEP 691 as JSON, or PEP 503 as HTML. */
function listedIn(page: string, at: URL): Listed[] {
  const found: Listed[] = []
  const add = (file: string, href: string, sha256: string | undefined): void => {
    if (sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) && URL.canParse(href, at.href))
      found.push({ file, url: new URL(href, at), sha256 })
  }
  if (page.trimStart().startsWith('{')) {
    const parsed = listing.safeParse(JSON.parse(page))
    for (const { filename, url, hashes } of parsed.data?.files ?? []) add(filename, url, hashes['sha256'])
    return found
  }
  for (const [, href = '', text = ''] of page.matchAll(/<a\s[^>]*?href="([^"]*)"[^>]*>([^<]*)<\/a>/gi)) {
    const [address = '', hash = ''] = href.replaceAll('&amp;', '&').split('#')
    add(text.trim(), address, /^sha256=([0-9a-f]{64})$/.exec(hash)?.[1])
  }
  return found
}

function isOf(file: string, name: string, version: string): boolean {
  const isWheel = file.endsWith('.whl')
  const [stem = '', of = ''] = isWheel
    ? file.split('-')
    : [file.replace(/-[^-]*$/, ''), /-([^-]*)\.(tar\.gz|zip)$/.exec(file)?.[1]]
  return normalised(stem) === name && of === version
}

/** For any Python 3 on any machine. */
const isPure = (file: string): boolean => /-(?:py2\.)?py3\d*-none-any\.whl$/.test(file)

type FetchOptions = { readonly signal: AbortSignal; readonly mostBytes: number }

async function fetchBytes({ name, version }: PinnedPackage, url: URL, options: FetchOptions): Promise<Buffer> {
  const { signal, mostBytes } = options
  try {
    const headers = { accept: 'application/vnd.pypi.simple.v1+json, text/html;q=0.5, application/octet-stream;q=0.1' }
    // Not followed elsewhere: the index is the one address that the operator named.
    const response = await fetch(url, { signal, redirect: 'error', headers })
    if (response.status === 404 || response.status === 410) throw invalid(`${name} ${version} is not in the index.`)
    if (!response.ok || response.body === null) throw new Error(`the index answered ${response.status}`)
    const chunks: Uint8Array[] = []
    let sizeBytes = 0
    for await (const chunk of response.body) {
      sizeBytes += chunk.byteLength
      if (sizeBytes > mostBytes) throw invalid(`${name} ${version} is larger than ${mostBytes} bytes.`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'DEPENDENCIES_INVALID') throw error
    signal.throwIfAborted()
    throw deploymentsErrors.PYTHON_INDEX_UNAVAILABLE({ package: name }, { cause: error })
  }
}

function unpackWheel(file: string, bytes: Buffer, budget: { bytes: number }, into: Map<string, Uint8Array>): void {
  let entries: Record<string, Uint8Array>
  try {
    entries = unzipSync(bytes, {
      filter(entry) {
        // A bomb ends here, before it is unpacked; one that lies about its size is cut off at what it said.
        budget.bytes -= entry.originalSize
        if (budget.bytes < 0) throw new Error('too large')
        return !entry.name.endsWith('/')
      },
    })
  } catch (cause) {
    throw invalid(`${file} cannot be unpacked, or all packages are more than ${MAX_UNPACKED_BYTES} bytes.`, cause)
  }
  for (const [name, content] of Object.entries(entries)) {
    // `x.data/purelib/` belongs beside the rest; its scripts and headers are nothing that an agent imports.
    const inside = posix.normalize(name.replace(/^[^/]+\.data\/(?:purelib|platlib)\//, ''))
    if (inside.startsWith('..') || inside.startsWith('/') || inside.includes('\0'))
      throw invalid(`${file} has a file that leads out of it: ${name.slice(0, 100)}.`)
    if (/^[^/]+\.data\//.test(inside)) continue
    if (/\.(?:so|pyd|dll|dylib)(?:\.\d+)*$/.test(inside))
      throw invalid(`${file} holds native code: ${name.slice(0, 100)}.`)
    into.set(`.packages/${inside}`, content)
  }
}

/** What a package says it needs, apart from its extras and from what depends on the Python at hand. */
function needsOf(by: string, files: PackageFiles): { by: string; name: string }[] {
  for (const [path, content] of files) {
    const [, stem = ''] = /^\.packages\/([^/]+?)-[^/-]+\.dist-info\/METADATA$/.exec(path) ?? []
    if (normalised(stem) !== by) continue
    const [head = ''] = Buffer.from(content)
      .toString('utf8')
      .split(/\r?\n\r?\n/)
    return [...head.matchAll(/^Requires-Dist:\s*([A-Za-z0-9._-]+)[^;\r\n]*(?:;(.*))?$/gm)].flatMap(
      ([, name = '', marker = '']) =>
        /\bextra\b|python/.test(marker) || !appliesHere(marker) ? [] : [{ by, name: normalised(name) }],
    )
  }
  return []
}
