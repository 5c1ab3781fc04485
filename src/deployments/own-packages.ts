import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { LockedPackage, PackageFiles } from './npm-packages.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** What npm writes beside what it has installed. */
const installed = z.looseObject({ packages: z.record(z.string(), z.looseObject({ integrity: z.string().optional() })) })

/** Of these packages those that this installation has itself, by the SHA-512 that npm checked when it installed them:
 * their files need not be fetched. So the demo agents are built where nothing can be reached, and with no registry.
 * @returns the files of each, by the path of its package */
export async function readOwnPackages(wanted: readonly LockedPackage[]): Promise<ReadonlyMap<string, PackageFiles>> {
  const found = new Map<string, PackageFiles>()
  if (wanted.length === 0) return found
  const own = await ownFolders()
  for (const { path, sha512 } of wanted) {
    const folder = own.get(sha512.toString('base64'))
    if (folder !== undefined) found.set(path, await filesOf(folder, path))
  }
  return found
}

/** Folders of what is installed here, by SHA-512. Empty where another tool than npm installed it. */
async function ownFolders(): Promise<ReadonlyMap<string, string>> {
  const text = await readFile(join(ROOT, 'node_modules', '.package-lock.json'), 'utf8').catch(() => '{"packages":{}}')
  const folders = new Map<string, string>()
  for (const [path, { integrity = '' }] of Object.entries(installed.parse(JSON.parse(text)).packages)) {
    const sha512 = /(?:^|\s)sha512-([A-Za-z0-9+/]{86}==)/.exec(integrity)?.[1]
    if (sha512 !== undefined && path.startsWith('node_modules/')) folders.set(sha512, join(ROOT, path))
  }
  return folders
}

async function filesOf(folder: string, path: string): Promise<PackageFiles> {
  const files = new Map<string, Uint8Array>()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name)
    const inside = relative(folder, file).split(sep)
    // What lies below belongs to another package.
    if (!entry.isFile() || inside.includes('node_modules')) continue
    files.set(`${path}/${inside.join('/')}`, await readFile(file))
  }
  return files
}
