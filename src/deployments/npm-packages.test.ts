import { createHash } from 'node:crypto'
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { packTar } from 'modern-tar'
import { beforeAll, expect, test } from 'vitest'
import { anNpmRegistry, aTarball, tarballOf, type NpmRegistry } from '../../test/support/npm-registry.ts'
import { EnhancedAppError } from '../platform/errors.ts'
import { buildAgent } from './build-agent.ts'

const never = new AbortController().signal
let registry: NpmRegistry
beforeAll(async () => {
  registry = await anNpmRegistry()
})

type Locked = { resolved?: string; integrity?: string; [more: string]: unknown }

function sourceWith(packages: Record<string, Locked>, code: string, dependencies?: Record<string, string>) {
  const names = Object.keys(packages).filter((path) => !path.slice(13).includes('node_modules/'))
  const wanted = dependencies ?? Object.fromEntries(names.map((path) => [path.replace('node_modules/', ''), '*']))
  return new Map(
    Object.entries({
      'index.ts': code,
      'package.json': JSON.stringify({ dependencies: wanted }),
      'package-lock.json': JSON.stringify({
        lockfileVersion: 3,
        packages: { '': { dependencies: wanted }, ...packages },
      }),
    }).map(([path, text]) => [path, Buffer.from(text)]),
  )
}

/** Runs what was built, as the sandbox would load it. */
async function valueOf(source: ReturnType<typeof sourceWith>): Promise<unknown> {
  const { code } = await buildAgent(source, never, { registry: registry.url })
  const module: { default: () => unknown } = await import(`data:text/javascript,${encodeURIComponent(code)}`)
  return module.default()
}

async function problemOf(source: ReturnType<typeof sourceWith>, at: URL | null = registry.url): Promise<string> {
  try {
    await buildAgent(source, never, { registry: at })
    return 'built'
  } catch (error) {
    return error instanceof EnhancedAppError ? `${error.code}: ${error.fix}` : String(error)
  }
}

test('packages of every kind come into the bundle: ESM, CommonJS, scoped, exports maps, nested versions', async () => {
  const esm = registry.offer(
    '/esm/-/esm-1.0.0.tgz',
    await aTarball({
      'package.json': JSON.stringify({
        name: 'esm',
        type: 'module',
        exports: { '.': './main.js', './deep': './deep.js' },
      }),
      'main.js': `import { inner } from 'inner'; export const esm = () => 'esm+' + inner`,
      'deep.js': `export const deep = 'deep'`,
      'hidden.js': `export const hidden = 1`,
    }),
  )
  const cjs = registry.offer(
    '/@scope/cjs/-/cjs-1.0.0.tgz',
    await aTarball({
      'package.json': JSON.stringify({ name: '@scope/cjs', main: 'lib/main' }),
      'lib/main.js': `const E = require('events'); class Own extends E {} ; const { inspect } = require('node:util')
        module.exports = () => [new Own().listenerCount('x'), inspect({ a: 1 }), require('inner').inner, process.env.NODE_ENV]`,
    }),
  )
  const innerOf = async (text: string) =>
    registry.offer(
      `/inner/-/inner-${text.length}.tgz`,
      await aTarball({
        'package.json': JSON.stringify({ name: 'inner', main: 'i.js' }),
        'i.js': `exports.inner = '${text}'`,
      }),
    )
  const source = sourceWith(
    {
      'node_modules/esm': esm,
      'node_modules/@scope/cjs': cjs,
      'node_modules/inner': await innerOf('outer one'),
      'node_modules/esm/node_modules/inner': await innerOf('nested one'),
      'node_modules/tool': { dev: true, resolved: 'https://nowhere.example/tool.tgz' },
    },
    `import { esm } from 'esm'; import { deep } from 'esm/deep'; import cjs from '@scope/cjs'
     export default () => [esm(), deep, ...cjs()]`,
  )
  expect(await valueOf(source)).toEqual(['esm+nested one', 'deep', 0, '{ a: 1 }', 'outer one', 'production'])
  const [first, second] = [
    await buildAgent(source, never, { registry: registry.url }),
    await buildAgent(source, never, { registry: registry.url }),
  ]
  expect(second.sha256).toBe(first.sha256)
  expect(first.code).not.toContain(tmpdir())
  const hidden = new Map(source).set('index.ts', Buffer.from(`import 'esm/hidden.js'; export default () => 1`))
  expect(await problemOf(hidden)).toMatch(/^BUNDLE_IMPORT_REFUSED: Take "esm\/hidden\.js" out/)
})

test('a package that needs files or connections is refused naming it, the package and the way out', async () => {
  const fs = registry.offer(
    '/reader/-/reader-1.tgz',
    await aTarball({
      'package.json': '{"main":"r.js"}',
      'r.js': `module.exports = require('fs').readFileSync('/etc/passwd')`,
    }),
  )
  const source = sourceWith({ 'node_modules/reader': fs }, `import x from 'reader'; export default () => x`)
  expect(await problemOf(source)).toBe(
    `BUNDLE_BUILTIN_REFUSED: node_modules/reader/r.js imports "fs", which gives the host's files. Take files as inputs, and give files back with ctx.artifacts.put.`,
  )
})

test('a package of the name of a module of Node.js is the package', async () => {
  const events = registry.offer(
    '/events/-/events-3.tgz',
    await aTarball({ 'package.json': '{"main":"e.js"}', 'e.js': `exports.mine = 'packaged'` }),
  )
  const source = sourceWith({ 'node_modules/events': events }, `import e from 'events'; export default () => e.mine`)
  expect(await valueOf(source)).toBe('packaged')
})

const good = () => aTarball({ 'package.json': '{"main":"m.js"}', 'm.js': 'exports.x = 1' })
const use = `import { x } from 'p'; export default () => x`

test.each<[string, (r: NpmRegistry) => Promise<Record<string, Locked>>, RegExp]>([
  [
    'from another host',
    async (r) => ({
      'node_modules/p': { ...r.offer('/p.tgz', await good()), resolved: 'http://169.254.169.254/p.tgz' },
    }),
    /only http:\/\/127\.0\.0\.1:\d+\/ is asked/,
  ],
  ['from a folder', async () => ({ 'node_modules/p': { link: true, resolved: '../p' } }), /is a link to a folder/],
  ['from git', async () => ({ 'node_modules/p': { resolved: 'git+ssh://git@github.com/a/b.git#1' } }), /is asked/],
  [
    'without a hash',
    async (r) => ({ 'node_modules/p': { resolved: r.offer('/p.tgz', await good()).resolved } }),
    /no SHA-512/,
  ],
  [
    'with the hash of something else',
    async (r) => ({
      'node_modules/p': { ...r.offer('/p.tgz', await good()), integrity: tarballOf(Buffer.from('x')).integrity },
    }),
    /SHA-512 differs/,
  ],
  [
    'that is not there',
    async (r) => ({ 'node_modules/p': { ...r.offer('/p.tgz', await good()), resolved: `${r.url.href}gone.tgz` } }),
    /not in the registry/,
  ],
  [
    'at a place that leads out',
    async (r) => ({
      'node_modules/p': r.offer('/p.tgz', await good()),
      'node_modules/../../etc': r.offer('/p.tgz', await good()),
    }),
    /not a place of a package/,
  ],
  [
    'that is no archive',
    async (r) => ({ 'node_modules/p': r.offer('/p.tgz', tarballOf(Buffer.from('no archive'))) }),
    /cannot be unpacked/,
  ],
  [
    'that is a bomb',
    async (r) => ({ 'node_modules/p': r.offer('/p.tgz', tarballOf(gzipSync(Buffer.alloc(150_000_000)))) }),
    /larger than is taken/,
  ],
  [
    'with a file that leads out',
    async (r) => ({ 'node_modules/p': r.offer('/p.tgz', await aTarball({ '../../../escaped.js': 'x' })) }),
    /leads out of it/,
  ],
])('a package %s is refused', async (_, packages, words) => {
  const problem = await problemOf(sourceWith(await packages(registry), use))
  expect(problem).toMatch(/^DEPENDENCIES_INVALID/)
  expect(problem).toMatch(words)
})

test('a link in a tarball is not made, and what it hid is not read', async () => {
  const tarball = tarballOf(
    gzipSync(
      await packTar([
        { header: { name: 'package/package.json', size: 15, type: 'file' }, body: '{"main":"m.js"}' },
        { header: { name: 'package/m.js', size: 0, type: 'symlink', linkname: '/etc/passwd' } },
      ]),
    ),
  )
  const source = sourceWith({ 'node_modules/p': registry.offer('/link.tgz', tarball) }, use)
  expect(await problemOf(source)).toMatch(/^BUNDLE_IMPORT_REFUSED/)
})

test('a package that this installation has itself, by its SHA-512, is taken from here: without a registry too', async () => {
  const lock = JSON.parse(await readFile(join(import.meta.dirname, '../../node_modules/.package-lock.json'), 'utf8'))
  const { integrity } = lock.packages['node_modules/jpeg-js']
  const resolved = 'https://registry.npmjs.org/jpeg-js/-/jpeg-js-0.4.4.tgz'
  const use = `import { encode } from 'jpeg-js'\nexport default async () => encode({ width: 1, height: 1, data: [1, 2, 3, 4] }).height`
  const before = registry.asked.length
  for (const at of [null, registry.url]) {
    const { code } = await buildAgent(sourceWith({ 'node_modules/jpeg-js': { resolved, integrity } }, use), never, {
      registry: at,
    })
    expect(code.includes('JpegImage')).toBe(true)
  }
  expect(registry.asked.length).toBe(before)
  // Under its name another content is another package.
  const other = { resolved, integrity: `sha512-${createHash('sha512').update('other').digest('base64')}` }
  const source = sourceWith({ 'node_modules/jpeg-js': other }, use)
  await expect(buildAgent(source, never, { registry: null })).rejects.toMatchObject({
    code: 'DEPENDENCIES_NOT_OFFERED',
  })
})

test('a registry that redirects is not followed, and one that fails is told as such', async () => {
  const { integrity } = tarballOf(Buffer.from('x'))
  for (const path of ['elsewhere', 'broken']) {
    const source = sourceWith({ 'node_modules/p': { resolved: `${registry.url.href}${path}`, integrity } }, use)
    expect(await problemOf(source)).toMatch(/^DEPENDENCIES_UNAVAILABLE/)
  }
})

test('packages that are not pinned, and a site that takes none, say what to do', async () => {
  const unpinned = sourceWith({}, use, { p: '^1.0.0' })
  expect(await problemOf(unpinned)).toMatch(/^DEPENDENCIES_NOT_LOCKED: Run `npm install`/)
  unpinned.delete('package-lock.json')
  expect(await problemOf(unpinned)).toMatch(/^DEPENDENCIES_NOT_LOCKED/)
  expect(await problemOf(unpinned, null)).toMatch(/^DEPENDENCIES_NOT_OFFERED/)
  const none = sourceWith({}, `import { z } from 'zod'; export default () => z.string().parse('a')`, {
    zod: '^4',
    bureau: '*',
  })
  expect(await problemOf(none, null)).toBe('built')
})

test('nothing is left of a build, whether it succeeded or not', async () => {
  const p = registry.offer('/p.tgz', await good())
  const left = () => readdirSync(tmpdir()).filter((name) => name.startsWith('bureau-build-'))
  const before = left()
  expect(await problemOf(sourceWith({ 'node_modules/p': p }, use))).toBe('built')
  expect(await problemOf(sourceWith({ 'node_modules/p': p }, 'syntax error'))).toMatch(/^BUNDLE_FAILED/)
  expect(left()).toEqual(before)
  expect(existsSync('/escaped.js')).toBe(false)
})
