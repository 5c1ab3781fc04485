import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { SpawnPlan } from './driver.ts'

/** Twice: at its first start Deno writes the tables, at its second the statistics by which it finds rows in them. */
const FILLING_BOOTS = 2
const BOOT_TIMEOUT_MS = 10_000

/** Deno keeps what it compiled under DENO_DIR. A sandbox's own is empty at every boot, so it compiled the harness and
 * zod anew each time. This boots the harness before anybody's code is there, with a folder to write to, and that folder's
 * files are what every later instance gets, read-only: nothing of a guest ever gets into them.
 * @param plan an instance whose DENO_DIR is `folder`, writable
 * @returns the files made; none where it did not work, which costs time and nothing else */
export async function fillBootCache(plan: SpawnPlan, folder: string): Promise<readonly string[]> {
  mkdirSync(folder, { mode: 0o700 })
  for (let boot = 0; boot < FILLING_BOOTS; boot++) if (!(await bootOnce(plan))) return []
  const files = readdirSync(folder).filter((name) => /_cache_v\d+$/.test(name))
  for (const name of files) writeBackLog(path.join(folder, name))
  return files.map((name) => path.join(folder, name))
}

/** Deno ends without closing its databases, as it comes; what it wrote then stands in a log beside the file, which an
 * instance that gets the file alone would not see. */
function writeBackLog(file: string): void {
  const database = new DatabaseSync(file)
  database.exec('pragma wal_checkpoint(truncate)')
  database.close()
}

/** Without anything on standard input the harness says that it is ready and ends. */
function bootOnce(plan: SpawnPlan): Promise<boolean> {
  const seccomp = plan.seccompFile === null ? null : openSync(plan.seccompFile, 'r')
  return new Promise<boolean>((resolve) => {
    const child = spawn(plan.command, plan.args, {
      cwd: plan.cwd,
      env: plan.env,
      stdio: ['ignore', 'ignore', 'ignore', ...(seccomp === null ? [] : [seccomp])],
      timeout: BOOT_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    })
    child.on('error', () => resolve(false))
    child.on('exit', (code) => resolve(code === 0))
  }).finally(() => {
    if (seccomp !== null) closeSync(seccomp)
  })
}
