import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const PREFIX = 'bureau-sandbox-'

/** A private folder (mode 0700) for the files of this process's sandboxes, named by our pid; folders of supervisors that
 * were killed before they could tidy up are removed on the way. */
export function makeRuntimeFolder(): string {
  for (const name of readdirSync(tmpdir())) {
    const pid = /^bureau-sandbox-(\d+)-/.exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    try {
      rmSync(path.join(tmpdir(), name), { recursive: true, force: true })
    } catch {
      // Another account's: not ours to remove.
    }
  }
  return mkdtempSync(path.join(tmpdir(), `${PREFIX}${process.pid}-`))
}

/** Does a process of this pid exist? */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: alive, but somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
