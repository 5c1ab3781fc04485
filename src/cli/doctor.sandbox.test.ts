import { expect, test } from 'vitest'
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
  expect(text).toMatch(/^isolation: process /)
  expect(text).toMatch(/\nFELL +operating system sandbox: /)
})
