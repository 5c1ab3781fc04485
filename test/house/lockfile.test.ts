import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'

const ROOT = join(import.meta.dirname, '..', '..')
const Dependencies = z.record(z.string(), z.string())
const Package = z.object({
  dependencies: Dependencies,
  devDependencies: Dependencies,
  optionalDependencies: Dependencies,
  allowScripts: z.record(z.string(), z.boolean()),
})
const Lock = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      hasInstallScript: z.boolean().optional(),
      name: z.string().optional(),
      dev: z.boolean().optional(),
    }),
  ),
})
const own = Package.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')))
const lock = Lock.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')))

test('npm ci accepts the lockfile on every platform: no optional package is left out', () => {
  const missing = execFileSync(process.execPath, [join(ROOT, 'scripts/complete-lock.mjs'), '--check'], {
    encoding: 'utf8',
  })
  expect(missing).toBe('')
})

test('every version is exact, so that two installs never differ', () => {
  const all = Object.entries({ ...own.dependencies, ...own.devDependencies, ...own.optionalDependencies })
  const loose = all.filter(([, version]) => !/^(npm:[^@]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
  expect(loose).toEqual([])
})

test('no install script runs unless package.json says so, and none needs to', () => {
  const scripted = Object.entries(lock.packages)
    .filter(([, entry]) => entry.hasInstallScript)
    .map(([path, entry]) => entry.name ?? path.split('node_modules/').at(-1) ?? '')
  expect(Object.keys(own.allowScripts).toSorted()).toEqual(scripted.toSorted())
  expect(Object.values(own.allowScripts)).not.toContain(true)
})

test('where Bureau only runs, the Prisma CLI is not installed', () => {
  expect(lock.packages['node_modules/prisma-cli']?.dev).toBe(true)
  expect(lock.packages['node_modules/@prisma/engines']?.dev).toBe(true)
})
