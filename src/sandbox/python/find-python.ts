import { execFile } from 'node:child_process'
import { accessSync, constants, realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { z } from 'zod'

/** The host's CPython and every file of the host that a sandbox needs for it. */
export type Python = z.infer<typeof facts> & { readonly versionText: string }

export type PythonSearch =
  | { readonly python: Python; readonly lacking: null }
  /** Why there is none, and the one command that mends it. */
  | { readonly python: null; readonly lacking: { readonly why: string; readonly mend: string | null } }

const facts = z.object({
  version: z.tuple([z.number(), z.number(), z.number()]),
  implementation: z.string(),
  binary: z.string().startsWith('/'),
  stdlib: z.string().startsWith('/'),
  dynload: z.string().startsWith('/').nullable(),
  /** Each library: the file, and where programs look for it. */
  libraries: z.array(z.tuple([z.string().startsWith('/'), z.string().startsWith('/')])),
  lacking: z.array(z.string()),
})

const PROBE = fileURLToPath(new URL('./probe.py', import.meta.url))
/** In the system's folders only: what else PATH holds may be a shim that starts another, and a shell with it. */
const USUAL = ['/usr/bin/python3', '/usr/local/bin/python3', '/bin/python3']
const PROBE_TIMEOUT_MS = 20_000
const OLDEST_MINOR = 9
/** Isolated from the environment, the user's folder and installed packages; text is UTF-8, and nothing is written. */
export const PYTHON_FLAGS = ['-I', '-S', '-B', '-X', 'utf8'] as const

/** Finds CPython and asks it what it is made of, with its own loader rather than a list of ours.
 * @param wanted `auto`, a path, or `off` */
export async function findPython(wanted: string): Promise<PythonSearch> {
  if (wanted === 'off') return nothing('BUREAU_PYTHON is off', null)
  const program = wanted === 'auto' ? USUAL.find(isExecutable) : wanted
  if (program === undefined) return nothing('Python is not installed', installCommand())
  if (!isExecutable(program)) return nothing(`${program} cannot be executed`, installCommand())
  if (!(await isProgram(program)))
    return nothing(`${program} is a script that starts some other Python: name the program itself`, null)
  let found: z.infer<typeof facts>
  try {
    const { stdout } = await promisify(execFile)(program, [...PYTHON_FLAGS, PROBE], {
      env: {},
      timeout: PROBE_TIMEOUT_MS,
      maxBuffer: 1_048_576,
    })
    found = facts.parse(JSON.parse(stdout))
  } catch (error) {
    const said = error instanceof Error ? error.message.slice(0, 300) : 'it failed'
    return nothing(`${program} does not tell what it is made of: ${said}`, installCommand())
  }
  const [major, minor] = found.version
  const versionText = found.version.join('.')
  if (found.implementation !== 'cpython' || major !== 3 || minor < OLDEST_MINOR)
    return nothing(`${program} is ${found.implementation} ${versionText}; CPython 3.${OLDEST_MINOR} is needed`, null)
  if (found.lacking.length > 0)
    return nothing(`${program} lacks parts of its standard library: ${found.lacking.join(', ')}`, installCommand())
  return { python: { ...found, versionText }, lacking: null }
}

const nothing = (why: string, mend: string | null): PythonSearch => ({ python: null, lacking: { why, mend } })

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    // Not there, or not for us.
    return false
  }
}

const ELF = Buffer.from([0x7f, 0x45, 0x4c, 0x46])

async function isProgram(file: string): Promise<boolean> {
  const begin = (await readFile(realpathSync(file))).subarray(0, ELF.length)
  return begin.equals(ELF)
}

function installCommand(): string {
  const managers: readonly (readonly [string, string])[] = [
    ['/usr/bin/apt-get', 'apt-get install -y python3'],
    ['/usr/bin/dnf', 'dnf install -y python3'],
    ['/usr/bin/pacman', 'pacman -S --noconfirm python'],
    ['/usr/bin/zypper', 'zypper install -y python3'],
  ]
  const command = managers.find(([program]) => isExecutable(program))?.[1] ?? 'apt-get install -y python3'
  return process.getuid?.() === 0 ? command : `sudo ${command}`
}
