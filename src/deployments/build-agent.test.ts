import { expect, test } from 'vitest'
import { EnhancedAppError } from '../platform/errors.ts'
import { buildAgent } from './build-agent.ts'

const never = new AbortController().signal
const source = (files: Record<string, string>) =>
  new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]))

async function problemOf(files: Record<string, string>): Promise<string> {
  try {
    await buildAgent(source(files), never)
    return 'built'
  } catch (error) {
    return error instanceof EnhancedAppError ? `${error.code}: ${error.fix}` : String(error)
  }
}

test('an agent of several files becomes one module, with the SDK and zod inside and the same bytes each time', async () => {
  const files = source({
    'index.ts': `import { defineAgent } from 'bureau'; import { z } from 'zod'; import { twice } from './lib/twice.ts'
      import rates from './rates.json'; import help from './help.txt'
      export default defineAgent({ name: 'a', input: z.object({}), output: z.number(), run: () => twice(rates.eur) + help.length })`,
    'lib/twice.ts': `export const twice = (n: number): number => n * 2`,
    'rates.json': `{ "eur": 21 }`,
    'help.txt': `help`,
  })
  const [first, second] = [await buildAgent(files, never), await buildAgent(files, never)]
  expect(second.sha256).toBe(first.sha256)
  expect(first.code).not.toMatch(/^\s*import\b/m)
  expect(first.sizeBytes).toBeLessThan(400_000)
})

test.each([
  ['a package of ours', 'pg', `import pg from 'pg'; export default pg`],
  ['an absolute path', '/etc/passwd', `import x from '/etc/passwd'; export default x`],
  ['a path out of the source', '../../etc/passwd', `import x from '../../etc/passwd'; export default x`],
  ['a URL', 'https://example.com/x.js', `import x from 'https://example.com/x.js'; export default x`],
  ['a dynamic import', 'pg', `export default async () => import('pg')`],
  ['a require', 'pg', `export default require('pg')`],
  ['an absent file', './absent.ts', `import './absent.ts'; export default 1`],
  ['the inside of zod', 'zod/package.json', `import x from 'zod/package.json'; export default x`],
])('an import of %s is refused by its name', async (_, name, code) => {
  expect(await problemOf({ 'index.ts': code })).toBe(
    `BUNDLE_IMPORT_REFUSED: Take "${name}" out of index.ts. An agent may import "bureau", "zod" and the files uploaded with it.`,
  )
})

test.each([
  [
    'files',
    `import fs from 'node:fs'; export default fs`,
    'index.ts imports "node:fs", which gives the host\'s files. Take',
  ],
  ['connections', `export default async () => import('node:https')`, 'network connections. Use ctx.fetch'],
  ['processes', `export default require('child_process')`, 'other processes. Agents do without'],
  ['the insides of the runtime', `import 'node:v8'; export default 1`, 'the insides of the runtime.'],
])('a part of Node.js that gives %s is refused naming it and what to do instead', async (_, code, words) => {
  const problem = await problemOf({ 'index.ts': code })
  expect(problem).toMatch(/^BUNDLE_BUILTIN_REFUSED/)
  expect(problem).toContain(words)
})

test('a syntax error is told with its file and line', async () => {
  expect(await problemOf({ 'index.ts': `export default 1\nconst = 2` })).toMatch(/^BUNDLE_FAILED: index\.ts:2: /)
})

test('source without an entry says which files would be one', async () => {
  expect(await problemOf({ 'main.ts': `export default 1` })).toMatch(/^BUNDLE_FAILED: None of index\.ts/)
})

test('source that is nested 900 000 deep ends its own build only: the next one works', async () => {
  expect(await problemOf({ 'index.ts': '('.repeat(900_000) })).toMatch(/^BUNDLE_FAILED/)
  expect(await problemOf({ 'index.ts': 'export default async () => 1' })).toBe('built')
}, 30_000)

test('a deployment that is stopped stops its build', async () => {
  const stopped = AbortSignal.abort(new Error('the process is stopping'))
  await expect(buildAgent(source({ 'index.ts': 'export default 1' }), stopped)).rejects.toThrow('stopping')
})
