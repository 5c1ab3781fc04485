import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** What the tests need from the machine beyond what npm brings, and the Debian package it comes from. */
export const PROGRAMS = [
  { program: 'redis-server', package: 'redis-server' },
  { program: 'bwrap', package: 'bubblewrap' },
  { program: 'chromium', package: 'chromium' },
  { program: 'python3', package: 'python3' },
] as const

export type Program = (typeof PROGRAMS)[number]['program']

/** May tests that need this program be skipped? With `BUREAU_REQUIRE=all` never: they run, and fail for its lack.
 * `describe.skipIf(isMissing('redis-server'))('…', …)`; what was skipped is told at the very end of the run. */
export function isMissing(program: Program): boolean {
  return process.env['BUREAU_REQUIRE'] !== 'all' && findProgram(program) === undefined
}

/** The program's path, or undefined. */
export function findProgram(program: Program): string | undefined {
  // Debian's servers stand where an ordinary user's PATH may not look.
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/sbin']
  return directories.map((directory) => join(directory, program)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    // Not there, or not for us.
    return false
  }
}
