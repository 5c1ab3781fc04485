import { createHash } from 'node:crypto'
import { MAX_BUNDLE_BYTES, type Bundle } from './bundle-agent.ts'
import { deploymentsErrors } from './deployments.errors.ts'
import { fetchWheels, readRequirements, type TakenWheel } from './python-packages.ts'
import type { SourceFiles } from './source-files.ts'

export const PYTHON_ENTRY = 'agent.py'

export type PythonBundle = Bundle & { readonly wheels: readonly TakenWheel[] }

/** Makes one JSON text of a Python agent: its files and those of the packages that it pins, which the sandbox lays out
 * again. The same files give the same bytes. Nothing is executed or compiled here: whether it is Python at all, the
 * sandbox finds out.
 * @throws what {@link readRequirements} and {@link fetchWheels} throw, BUNDLE_TOO_LARGE */
export async function buildPythonAgent(
  files: SourceFiles,
  signal: AbortSignal,
  index: URL | null,
): Promise<PythonBundle> {
  const pinned = readRequirements(files, index)
  const { files: packages, wheels } =
    index === null || pinned.length === 0
      ? { files: new Map<string, Uint8Array>(), wheels: [] }
      : await fetchWheels(pinned, index, signal)
  const all = [...files, ...packages].sort(([a], [b]) => (a < b ? -1 : 1))
  const code = JSON.stringify({
    files: all.map(([path, content]) => [path, Buffer.from(content).toString('base64')]),
    ...(wheels.length > 0 ? { packages: wheels } : {}),
  })
  const sizeBytes = Buffer.byteLength(code)
  if (sizeBytes > MAX_BUNDLE_BYTES) throw deploymentsErrors.BUNDLE_TOO_LARGE({ sizeBytes, maxBytes: MAX_BUNDLE_BYTES })
  return { code, sha256: createHash('sha256').update(code).digest('hex'), sizeBytes, wheels }
}
