import { zipSync } from 'fflate'
import { beforeAll, expect, test } from 'vitest'
import { aPythonIndex, aWheel, type PythonIndex } from '../../test/support/python-index.ts'
import { EnhancedAppError } from '../platform/errors.ts'
import { buildAgent } from './build-agent.ts'

const never = new AbortController().signal
let index: PythonIndex
let sha256: string
beforeAll(async () => {
  index = await aPythonIndex()
  sha256 = index.offer(
    'tiny-maths',
    'tiny_maths-1.2-py3-none-any.whl',
    aWheel('tiny-maths', '1.2', { 'tiny_maths/__init__.py': 'two = 2\n' }),
  )
  index.offer(
    'needy',
    'needy-1.0-py2.py3-none-any.whl',
    aWheel('needy', '1.0', { 'needy.py': '' }, [
      'Tiny.Maths (>=1)',
      'colour; extra == "pretty"',
      'old; python_version < "3"',
      'pywin; sys_platform == "win32"',
    ]),
  )
  index.offer('fast', 'fast-1.0-cp311-cp311-manylinux_2_17_x86_64.whl', aWheel('fast', '1.0', { 'fast.so': '' }))
  index.offer(
    'sly',
    'sly-1.0-py3-none-any.whl',
    aWheel('sly', '1.0', { 'sly/_core.cpython-311-x86_64-linux-gnu.so': 'x' }),
  )
  index.offer('source', 'source-1.0.tar.gz', Buffer.from('x'))
  index.offer('changed', 'changed-1.0-py3-none-any.whl', aWheel('changed', '1.0', {}), { sha256: 'a'.repeat(64) })
  index.offer('far', 'far-1.0-py3-none-any.whl', aWheel('far', '1.0', {}), { url: 'http://127.0.0.2:9/far.whl' })
  index.offer('slip', 'slip-1.0-py3-none-any.whl', aWheel('slip', '1.0', { '../../slip.py': 'x' }))
  index.offer(
    'bomb',
    'bomb-1.0-py3-none-any.whl',
    Buffer.from(zipSync({ 'bomb.txt': new Uint8Array(40_000_000) }, { level: 9 })),
  )
  index.offer('garbage', 'garbage-1.0-py3-none-any.whl', Buffer.from('no zip'))
})

const source = (requirements: string | null) =>
  new Map(
    Object.entries({
      'agent.py': 'def run(input, ctx): return 1\n',
      ...(requirements === null ? {} : { 'requirements.txt': requirements }),
    }).map(([path, text]) => [path, Buffer.from(text)]),
  )

const build = async (requirements: string | null, at: URL | null = index.url) =>
  await buildAgent(source(requirements), never, { registry: null, pythonIndex: at })

async function problemOf(requirements: string, at: URL | null = index.url): Promise<string> {
  try {
    await build(requirements, at)
    return 'built'
  } catch (error) {
    return error instanceof EnhancedAppError ? `${error.code}: ${error.fix}` : String(error)
  }
}

test('pinned wheels come into the bundle with their hashes, and the same source gives the same bytes', async () => {
  const built = await build(
    `# made by hand\nTiny_Maths==1.2 \\\n  --hash=sha256:${sha256}\nneedy == 1.0 ; sys_platform == "linux"\npywin==3 ; sys_platform == "win32"\n`,
  )
  expect(built.runtime).toBe('python')
  expect(built.wheels.map(({ name, version }) => `${name} ${version}`)).toEqual(['needy 1.0', 'tiny-maths 1.2'])
  expect(built.wheels[1]?.sha256).toBe(sha256)
  expect(built.code).toContain('".packages/tiny_maths/__init__.py"')
  expect((await build(`needy==1.0\ntiny-maths==1.2`)).code).toContain(sha256)
  expect((await build(null, null)).sha256).toBe((await build(null)).sha256)
})

test('an index that answers HTML is read as well', async () => {
  const html = await aPythonIndex('html')
  html.offer('tiny-maths', 'tiny_maths-1.2-py3-none-any.whl', aWheel('tiny-maths', '1.2', { 'tiny_maths.py': '' }))
  expect((await build('tiny-maths==1.2', html.url)).wheels).toHaveLength(1)
})

test.each<[string, string, RegExp]>([
  ['no version', 'tiny-maths>=1', /^PYTHON_PACKAGES_NOT_PINNED: Pin tiny-maths>=1/],
  ['a package that another needs', 'needy==1.0', /^PYTHON_PACKAGES_NOT_PINNED: Pin tiny-maths, which needy needs/],
  ['native code', 'fast==1.0', /^DEPENDENCIES_INVALID: fast 1.0 is native code/],
  ['native code in a wheel that calls itself pure', 'sly==1.0', /sly-1.0.*holds native code/],
  ['source only', 'source==1.0', /source 1.0 is there as source only/],
  ['another version', 'tiny-maths==9', /tiny-maths 9 is not in the index/],
  ['an unknown package', 'nobody==1', /nobody 1 is not in the index/],
  [
    'a hash that differs from the list',
    `tiny-maths==1.2 --hash=sha256:${'b'.repeat(64)}`,
    /has a hash that requirements.txt names/,
  ],
  ['a wheel that differs from the index', 'changed==1.0', /changed-1.0.* is not what the index says/],
  ['a wheel on another host', 'far==1.0', /is not on http:\/\/127\.0\.0\.1/],
  ['a file that leads out', 'slip==1.0', /leads out of it: \.\.\/\.\.\/slip\.py/],
  ['a bomb', 'bomb==1.0', /more than 30000000 bytes/],
  ['no zip', 'garbage==1.0', /cannot be unpacked/],
  ['an address', 'evil @ http://127.0.0.1:1/evil.whl', /^PYTHON_PACKAGES_NOT_PINNED/],
  ['an index of its own', '--index-url http://127.0.0.1:1/\ntiny-maths==1.2', /has an option/],
  ['another file', '-r other.txt', /has an option/],
  ['the same twice', 'tiny-maths==1.2\nTiny.Maths==1.2', /stands in requirements.txt twice/],
  ['an index that fails', 'broken==1', /^PYTHON_INDEX_UNAVAILABLE: .*stopped at broken/],
  ['an index that leads elsewhere', 'elsewhere==1', /^PYTHON_INDEX_UNAVAILABLE/],
])('%s is refused, and the creator told why', async (_, requirements, told) => {
  expect(await problemOf(requirements)).toMatch(told)
})

test('where no index is configured, packages are refused and the option is named', async () => {
  expect(await problemOf('tiny-maths==1.2', null)).toMatch(/^PYTHON_PACKAGES_NOT_OFFERED: .*BUREAU_PYTHON_INDEX/)
  expect(await problemOf('\n# nothing\n', null)).toBe('built')
})

test('a source with two agents in it is refused', async () => {
  const both = new Map([...source(null), ['index.ts', Buffer.from('export default async () => 1')]])
  await expect(buildAgent(both, never)).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
})
