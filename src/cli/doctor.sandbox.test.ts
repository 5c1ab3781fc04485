import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { isMissing } from '../../test/support/capabilities.ts'
import { loadConfig } from '../platform/config.ts'
import { sandboxOptions } from '../sandbox/index.ts'
import { doctor } from './doctor.ts'

const config = (env: Readonly<Record<string, string>>) => loadConfig({ sandbox: sandboxOptions }, env)

test('on a sound machine the doctor says strong, and shows what it saw', async () => {
  const { text, isStrong } = await doctor(config({}))
  expect(isStrong).toBe(true)
  expect(text).toMatch(/^isolation: strong \(driver bubblewrap, limits by \S+\)\n/)
  expect(text).toMatch(/\nok +user namespaces: user\.max_user_namespaces is \d+\n/)
  expect(text).toMatch(/\nWalls tried just now: (\d+) of \1 held\n/)
})

test('without bubblewrap the walls of util-linux are as strong', async () => {
  const { text, isStrong } = await doctor(config({ BUREAU_SANDBOX_BWRAP: 'no-such-bwrap' }))
  expect(isStrong).toBe(true)
  expect(text).toMatch(/^isolation: strong \(driver util-linux, limits by \S+\)\n/)
})

test('without any wall of the operating system it says so first', async () => {
  const { text, isStrong } = await doctor(config({ BUREAU_SANDBOX_DRIVER: 'deno' }))
  expect(isStrong).toBe(false)
  expect(text).toMatch(
    /^isolation: process .*\n +BUREAU_SANDBOX_DRIVER is deno, .*\n +> unset BUREAU_SANDBOX_DRIVER, then start again\n/,
  )
  expect(text).toMatch(/\nFELL +operating system sandbox: /)
})

/** A bubblewrap that does all that it is told but this. */
async function aBubblewrapWithout(flag: string, values: number): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'bureau-doctor-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = path.join(folder, 'bwrap')
  const text = `#!/bin/sh
left=$# skipped=0
while [ "$left" -gt 0 ]; do
  each=$1; shift; left=$((left - 1))
  if [ "$skipped" -gt 0 ]; then skipped=$((skipped - 1))
  elif [ "$each" = ${flag} ]; then skipped=${values}
  else set -- "$@" "$each"; fi
done
exec bwrap "$@"
`
  await writeFile(file, text, { mode: 0o755 })
  return file
}

test.skipIf(isMissing('bwrap')).each([
  ['--unshare-net', 0, 'walls: host port stays silent: a connection reached the host'],
  ['--unshare-ipc', 0, 'outside: shared memory of its own: '],
  ['--seccomp', 1, 'outside: system calls filtered: Seccomp 0'],
] as const)(
  'a bubblewrap that ignores %s: each wall it leaves out has a line, and there is a way',
  async (...given) => {
    const [flag, values, line] = given
    const { text, isStrong } = await doctor(config({ BUREAU_SANDBOX_BWRAP: await aBubblewrapWithout(flag, values) }))
    expect(isStrong).toBe(false)
    const [, fallen, all] = /^isolation: process .*\n +(\d+) of (\d+) checks found a wall missing \(/.exec(text) ?? []
    expect(text).toContain('\n         > BUREAU_SANDBOX_DRIVER=util-linux npm start\n')
    const [, tried = ''] = text.split(`\nWalls tried just now: ${Number(all) - Number(fallen)} of ${all} held\n`)
    const lines = tried.slice(0, tried.indexOf('\n\n')).split('\n')
    expect(lines.filter((each) => each.startsWith('FELL     '))).toHaveLength(Number(fallen))
    expect(lines).toHaveLength(Number(fallen))
    expect(tried).toContain(`FELL     ${line}`)
  },
)

test.skipIf(isMissing('bwrap'))(
  'a bubblewrap in which nothing boots: it says what it said, and there is a way',
  async () => {
    const { text, isStrong } = await doctor(
      config({ BUREAU_SANDBOX_BWRAP: await aBubblewrapWithout('--unshare-pid', 0) }),
    )
    expect(isStrong).toBe(false)
    expect(text).toMatch(
      /^isolation: none \(driver none, .*\n +sandboxes by bubblewrap do not boot: .*requires --unshare-pid/,
    )
    expect(text).toContain('\n         > BUREAU_SANDBOX_DRIVER=util-linux npm start\n')
  },
)
