import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { SpawnPlan } from './driver.ts'

const BOOT_TIMEOUT_MS = 10_000
/** Of zod as compiled by V8, which is a quarter of a megabyte. */
const MOST_COMPILED_BYTES = 8_388_608
/** How Deno names the script in its cache, and its kind: 0 is a script, 1 a module. */
const ZOD_SCRIPT = 'file:///zod-runtime.js'

export type FillingPlans = {
  /** An instance whose DENO_DIR is the folder to fill, writable. */
  readonly boot: SpawnPlan
  /** An instance that executes guest/compile-zod.js instead of the harness. */
  readonly compile: SpawnPlan
}

/** Deno keeps what it compiled under DENO_DIR. A sandbox's own is empty at every boot, so it compiled the harness and
 * zod anew each time. This boots the harness before anybody's code is there, with a folder to write to, and that folder's
 * files are what every later instance gets, read-only: nothing of a guest ever gets into them.
 *
 * What Deno keeps of zod was made before anything of it was called. In its place goes what was compiled once it had been
 * used: a first run then finds zod's functions compiled (guest's processor 6.6 -> 5.1 ms), and a boot costs 1 to 3 ms more.
 * @returns the files made; none where it did not work, which costs time and nothing else */
export async function fillBootCache({ boot, compile }: FillingPlans, folder: string): Promise<readonly string[]> {
  mkdirSync(folder, { mode: 0o700 })
  // At its first start Deno writes the tables.
  if ((await outputOf(boot)) === null) return []
  const compiled = await outputOf(compile)
  if (compiled !== null) for (const file of cachesIn(folder)) putCompiledZod(file, Buffer.from(compiled, 'base64'))
  // At its second it writes the statistics by which it finds rows in them, and zod anew if V8 does not take what we put.
  if ((await outputOf(boot)) === null) return []
  const files = cachesIn(folder)
  for (const file of files) writeBackLog(file)
  return files
}

function cachesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /_cache_v\d+$/.test(name))
    .map((name) => path.join(folder, name))
}

/** Where there is such a row already; Deno's other caches have no such table. */
function putCompiledZod(file: string, compiled: Buffer): void {
  const database = new DatabaseSync(file)
  try {
    const has = database.prepare(`select 1 from sqlite_master where type = 'table' and name = 'codecache'`).get()
    if (has !== undefined && compiled.length > 0)
      database.prepare('update codecache set data = ? where specifier = ? and type = 0').run(compiled, ZOD_SCRIPT)
  } finally {
    database.close()
  }
}

/** Deno ends without closing its databases, as it comes; what it wrote then stands in a log beside the file, which an
 * instance that gets the file alone would not see. */
function writeBackLog(file: string): void {
  const database = new DatabaseSync(file)
  database.exec('pragma wal_checkpoint(truncate)')
  database.close()
}

/** Without anything on standard input the harness says that it is ready and ends.
 * @returns what it said, or null where it did not end well */
function outputOf(plan: SpawnPlan): Promise<string | null> {
  const seccomp = plan.seccompFile === null ? null : openSync(plan.seccompFile, 'r')
  return new Promise<string | null>((resolve) => {
    const child = spawn(plan.command, plan.args, {
      cwd: plan.cwd,
      env: plan.env,
      stdio: ['ignore', 'pipe', 'ignore', ...(seccomp === null ? [] : [seccomp])],
      timeout: BOOT_TIMEOUT_MS,
      killSignal: 'SIGKILL',
    })
    let said = ''
    child.stdout?.setEncoding('latin1').on('data', (piece: string) => {
      said += piece
      if (said.length > MOST_COMPILED_BYTES) child.kill('SIGKILL')
    })
    child.on('error', () => resolve(null))
    child.on('close', (code) => resolve(code === 0 ? said : null))
  }).finally(() => {
    if (seccomp !== null) closeSync(seccomp)
  })
}
