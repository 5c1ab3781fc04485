import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..', '..')

/** What the house forbids, one planted violation each, and the rule that must find it. */
const PLANTED = [
  ['env.ts', `export const level = process.env['LEVEL']`, 'no-process-env'],
  ['default.ts', `export default 1`, 'no-default-export'],
  ['any.ts', `export const x: any = 1`, 'no-explicit-any'],
  ['bang.ts', `export const f = (x: string | null): number => x!.length`, 'no-non-null-assertion'],
  ['as.ts', `export const f = (x: unknown): string => x as string`, 'consistent-type-assertions'],
  ['floating.ts', `export function f(): void {\n  Promise.resolve(1)\n}`, 'no-floating-promises'],
  [
    'misused.ts',
    `export const f = (): void => [1].forEach(async () => { await Promise.resolve() })`,
    'no-misused-promises',
  ],
  ['mock.test.ts', `import { vi } from 'vitest'\nvi.mock('./as.ts')`, 'no-restricted-vi-methods'],
  ['only.test.ts', `import { test } from 'vitest'\ntest.only('x', () => undefined)`, 'no-focused-tests'],
  ['console.ts', `console.log('x')\nexport {}`, 'no-console'],
  ['ignore.ts', `// @ts-ignore\nexport const x: number = 'a'`, 'ban-ts-comment'],
  ['a-cycle.ts', `import { b } from './b-cycle.ts'\nexport const a = (): unknown => b`, 'no-cycle'],
] as const
const ALLOWED = [
  ['b-cycle.ts', `import { a } from './a-cycle.ts'\nexport const b = (): unknown => a`],
  [
    'const.ts',
    `export const kinds = ['a', 'b'] as const\nexport async function f(): Promise<void> {\n  await Promise.resolve()\n}`,
  ],
] as const

const Report = z.object({ diagnostics: z.array(z.object({ code: z.string(), filename: z.string() })) })
let directory: string
let found: Map<string, string[]>

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'bureau-lint-'))
  const source = join(directory, 'src')
  await mkdir(source)
  await symlink(join(ROOT, 'node_modules'), join(directory, 'node_modules'))
  for (const [name, text] of [...PLANTED, ...ALLOWED]) await writeFile(join(source, name), `${text}\n`)
  const compilerOptions = {
    strict: true,
    module: 'NodeNext',
    target: 'ES2024',
    allowImportingTsExtensions: true,
    noEmit: true,
    types: ['node'],
  }
  await writeFile(join(directory, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['src'] }))
  const oxlint = join(ROOT, 'node_modules', 'oxlint', 'bin', 'oxlint')
  const args = [oxlint, '-c', join(ROOT, '.oxlintrc.json'), '--type-aware', '--format=json', 'src']
  // It ends with 1 because it finds something.
  const { stdout } = await run(process.execPath, args, { cwd: directory }).catch((error: { stdout: string }) => error)
  found = new Map()
  for (const { code, filename } of Report.parse(JSON.parse(stdout)).diagnostics) {
    const name = basename(filename)
    found.set(name, [...(found.get(name) ?? []), code])
  }
}, 60_000)

afterAll(() => rm(directory, { recursive: true, force: true }))

test.for(PLANTED)('lint finds what is planted in %s', ([name, , rule]) => {
  expect(found.get(name)?.join(' ')).toContain(rule)
})

test('lint says nothing about a clean file', () => {
  expect(found.get('const.ts')).toBeUndefined()
})
