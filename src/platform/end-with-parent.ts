import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Where `setpriv` of util-linux is, with which the kernel tells a child that its parent has died, also by `kill -9`.
 * Undefined on other systems than Linux, and where there is only Busybox's applet of that name. */
export async function findSetpriv(): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined
  for (const path of ['/usr/bin/setpriv', '/bin/setpriv']) {
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    // Busybox has an applet of that name without --pdeathsig.
    if (
      found &&
      (await run(path, ['--help']).then(
        ({ stdout }) => stdout.includes('--pdeathsig'),
        () => false,
      ))
    )
      return path
  }
  return undefined
}
