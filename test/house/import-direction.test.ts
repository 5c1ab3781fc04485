import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { importsAgainstDirection } from './import-direction.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** The one import of a planted file, and what is said of it. */
function said(path: string, text: string): string {
  return importsAgainstDirection([{ path, text }]).join('\n')
}

test('every import of the sources points one way', () => {
  const files = globSync('src/**/*.ts', { cwd: ROOT }).map((path) => ({
    path,
    text: readFileSync(join(ROOT, path), 'utf8'),
  }))
  expect(files.length).toBeGreaterThan(50)
  expect(importsAgainstDirection(files)).toEqual([])
})

test.for([
  [
    'a domain that looks to its left',
    'src/credits/hold.ts',
    `import { runAgent } from '../runs/index.ts'`,
    'does not stand before',
  ],
  [
    'a domain that looks at its neighbour',
    'src/credits/hold.ts',
    `import type { A } from '../agents/index.ts'`,
    'does not stand before',
  ],
  [
    'a way past the public face',
    'src/runs/run.ts',
    `import { hold } from '../credits/hold-credits.ts'`,
    'only index.ts is public',
  ],
  [
    'a route that goes past the public face',
    'src/runs/runs.routes.ts',
    `export { a } from '../users/authorize.ts'`,
    'only index.ts is public',
  ],
  [
    'a platform that knows a domain',
    'src/platform/cache.ts',
    `import { a } from '../agents/index.ts'`,
    'does not stand before',
  ],
  [
    'a use case that knows its routes',
    'src/runs/run.ts',
    `import { runsRoutes } from './runs.routes.ts'`,
    'does not know its routes',
  ],
  [
    'a domain that knows a role',
    'src/runs/run.ts',
    `import { a } from '../roles/assemble.ts'`,
    'a role puts domains together',
  ],
  ['something that imports the start', 'src/roles/site.ts', `import '../main.ts'`, 'only a process starts there'],
  [
    'a lazy import against the direction',
    'src/users/keys.ts',
    `await import('../runs/index.ts')`,
    'does not stand before',
  ],
  [
    'an import over several lines',
    'src/users/keys.ts',
    `import {\n  a,\n} from '../runs/index.ts'`,
    'does not stand before',
  ],
  [
    'product code that uses test code',
    'src/runs/run.ts',
    `import { b } from '../../test/support/b.ts'`,
    'outside src/',
  ],
  ['product code that uses a test double', 'src/runs/run.ts', `import { b } from './testing/b.ts'`, 'it is for tests'],
] as const)('%s is found', ([, path, text, reason]) => {
  expect(said(path, text)).toContain(reason)
})

test.for([
  ['src/main.ts', `import { a } from './roles/a.ts'`],
  ['src/roles/gateway.ts', `import { a } from '../runs/runs.routes.ts'`],
  ['src/runs/run.ts', `import { a } from '../credits/index.ts'`],
  ['src/credits/hold.ts', `import { a } from '../platform/database.ts'`],
  ['src/runs/run.test.ts', `import { a } from '../embeds/x.ts'`],
] as const)('%s may: %s', ([path, text]) => {
  expect(said(path, text)).toBe('')
})

test('a new folder must be given its place', () => {
  expect(() => said('src/utils/a.ts', `import { a } from '../platform/ids.ts'`)).toThrow('has no place')
})
