import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { z } from 'zod'
import type { AgentLanguage } from '../agents/index.ts'
import { deploymentsErrors } from './deployments.errors.ts'

/** An agent's source: its files by their path (`index.ts`, `lib/parse.ts`, `sales.csv`). */
export type SourceFiles = ReadonlyMap<string, Uint8Array>

export const MAX_SOURCE_FILES = 200
export const MAX_SOURCE_BYTES = 2_000_000
const sourcePath = /^(?!.*(?:^|\/)\.)[A-Za-z0-9._@ -]+(?:\/[A-Za-z0-9._@ -]+)*$/

/** The source as it was uploaded, if it may be kept.
 * @throws SOURCE_INVALID saying which file or bound */
export function checkSource(files: SourceFiles): SourceFiles {
  const refuse = (problem: string) => deploymentsErrors.SOURCE_INVALID({ problem })
  if (files.size === 0) throw refuse('No file was uploaded.')
  if (files.size > MAX_SOURCE_FILES)
    throw refuse(`At most ${MAX_SOURCE_FILES} files are taken; these are ${files.size}.`)
  let sizeBytes = 0
  for (const [path, bytes] of files) {
    if (path.length > 200 || !sourcePath.test(path))
      throw refuse(`The file name ${JSON.stringify(path.slice(0, 100))} cannot be used.`)
    sizeBytes += bytes.byteLength
  }
  if (sizeBytes > MAX_SOURCE_BYTES)
    throw refuse(`At most ${MAX_SOURCE_BYTES} bytes of source are taken; these are ${sizeBytes}.`)
  return files
}

const archive = z.strictObject({ files: z.array(z.tuple([z.string(), z.base64()])) })

/** The source as one object for the store: the same files give the same bytes, whatever their order. */
export function packSource(files: SourceFiles): { readonly bytes: Buffer; readonly sha256: string } {
  const sorted = [...files].sort(([a], [b]) => (a < b ? -1 : 1))
  const packed = { files: sorted.map(([path, content]) => [path, Buffer.from(content).toString('base64')]) }
  const bytes = Buffer.from(JSON.stringify(packed))
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** What {@link packSource} packed. @throws SOURCE_INVALID */
export function unpackSource(bytes: Uint8Array): SourceFiles {
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw deploymentsErrors.SOURCE_INVALID({ problem: 'The stored source cannot be read.' }, { cause })
  }
  const parsed = archive.safeParse(value)
  if (!parsed.success) throw deploymentsErrors.SOURCE_INVALID({ problem: 'The stored source cannot be read.' })
  return checkSource(new Map(parsed.data.files.map(([path, text]) => [path, Buffer.from(text, 'base64')])))
}

const isTest = (name: string): boolean => name.endsWith('.test.ts') || /^test_.*\.py$|_test\.py$/.test(name)
/** What tools put beside the source: installed packages and compiled code. */
const NOT_SOURCE = new Set(['node_modules', '__pycache__', 'venv'])

/** The files of a folder as an agent's source, without its tests and installed packages. */
export async function readSourceFolder(dir: string): Promise<SourceFiles> {
  const files = new Map<string, Uint8Array>()
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || isTest(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    // What is installed here is fetched again by the lockfile; what begins with a dot is the editor's and git's.
    if (
      relative(dir, path)
        .split(sep)
        .some((part) => NOT_SOURCE.has(part) || part.startsWith('.'))
    )
      continue
    files.set(relative(dir, path).split(sep).join('/'), await readFile(path))
  }
  return checkSource(files)
}

const MAX_README_BYTES = 50_000

/** The README.md of the source, for the agent's page. What is no UTF-8 and no column holds is replaced.
 * @returns null without one @throws SOURCE_INVALID where it is too long */
export function readmeOf(files: SourceFiles): string | null {
  const bytes = files.get('README.md')
  if (bytes === undefined) return null
  if (bytes.byteLength > MAX_README_BYTES)
    throw deploymentsErrors.SOURCE_INVALID({
      problem: `README.md may have ${MAX_README_BYTES} bytes; it has ${bytes.byteLength}.`,
    })
  return new TextDecoder().decode(bytes).replaceAll('\u0000', '\ufffd')
}

/** What it is written in: by the file that it begins with. */
export function languageOf(files: SourceFiles): AgentLanguage {
  if (files.has('agent.py')) return 'python'
  return ['index.ts', 'index.mts', 'agent.ts', 'agent.mts'].some((name) => files.has(name))
    ? 'typescript'
    : 'javascript'
}
