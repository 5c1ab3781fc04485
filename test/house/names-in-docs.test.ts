import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readPages, root, type Page } from './markdown.ts'

// What a page names must be there: variables, error codes, alarms, npm scripts, files and routes.

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('generated'))
  .map((path) => ({ path: join('src', path), text: readFileSync(join(root, 'src', path), 'utf8') }))

function namesIn(pattern: RegExp, only: RegExp = /./): Set<string> {
  const found = sources
    .filter(({ path }) => only.test(path))
    .flatMap(({ text }) => [...text.matchAll(pattern)].map(([, name = '']) => name))
  return new Set(found)
}

const variables = namesIn(/\boption\(\s*'([A-Z][A-Z0-9_]*)'/g)
const secrets = namesIn(/\boption\(\s*'([A-Z][A-Z0-9_]*)'(?:(?!\boption\()[^])*?secret: true/g)
const codes = namesIn(/^ {2}([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*): \{/gm, /errors\.ts$/)
const alarms = namesIn(/\balert: '([a-z_]+)'/g)
/** The constant message that ends a call of `log.error`. */
const errorLines = namesIn(/\blog\.(?:error|fatal)\((?:(?!\blog\.)[^])*?'([^'\n]+)',?\s*\)/g)
const routes = new Set([...namesIn(/'(\/(?:api|docs|metrics|setup)[^'\s]*)'/g)].map(plainRoute))
const scripts = new Set(Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).scripts))

/** What only those who work on Bureau set: read by tests and scripts, never by `src/`. */
const developers = new Set(
  ['test', 'scripts'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => /\.(ts|mjs)$/.test(path))
      .flatMap((path) => [
        ...readFileSync(join(root, folder, path), 'utf8').matchAll(
          /(?:process\.env(?:\.|\[')|\boption\(\s*')([A-Z][A-Z0-9_]*)/g,
        ),
      ])
      .map(([, name = '']) => name),
  ),
)

/** Every secret may also come from the file that `…_FILE` names. */
const isVariable = (name: string): boolean =>
  variables.has(name) || developers.has(name) || secrets.has(name.replace(/_FILE$/, ''))

/** A route without its query, with every parameter written alike. */
function plainRoute(route: string): string {
  return route
    .replace(/[?#].*$/, '')
    .replace(/(?<=.)\/$/, '')
    .replaceAll(
      /(?<=\/)(?=[a-z]*\d)[a-z0-9]{20,}|:[A-Za-z]+|\{[A-Za-z]+\}|\[[A-Za-z]+\]|\$[A-Za-z_]+|<[^>]*>|…/g,
      ':id',
    )
}

/** Everything a page names that is not there, as sentences. */
function strangers({ path, text }: Page): string[] {
  const found = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))]
  const faults: string[] = []
  const missing = (what: string, names: string[], known: (name: string) => boolean) => {
    for (const name of names) if (!known(name)) faults.push(`${path}: ${what} ${name} does not exist`)
  }
  missing('variable', found(/\b(BUREAU_[A-Z0-9_]*[A-Z0-9])\b/g), isVariable)
  missing('name', found(/`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`/g), (name) => codes.has(name) || isVariable(name))
  missing('npm script', found(/\bnpm run ([a-z][a-z:-]*)/g), (name) => scripts.has(name))
  missing('alarm', found(/`alert: "([a-z_]+)"`/g), (name) => alarms.has(name))
  missing('file', found(/`((?:src|test|prisma|bench|examples|scripts|docs)\/[\w./-]*)`/g), (name) =>
    existsSync(join(root, name)),
  )
  missing(
    'route',
    found(/(?<![A-Za-z_-])(\/api\/[\w/:[\]{}<>$….-]*[\w\]}>…])/g).filter((route) => route !== '/api/agents/[id]/run'),
    // NextAuth answers below its own path; src/gateway/site-paths.ts names its actions.
    (name) => routes.has(plainRoute(name)) || /^\/api\/auth\/callback\/[a-z]+$/.test(name),
  )
  return faults
}

/** Plans and history may name what is not there yet, or no more. */
const isTimeless = ({ path }: Page): boolean => !/^(CHANGELOG\.md|docs\/adr\/|docs\/specification\.md)/.test(path)

test('every variable, error code, alarm, npm script, file and route that a page names exists', () => {
  expect(readPages().filter(isTimeless).flatMap(strangers)).toEqual([])
})

test('every line that the log calls an error has a place in the runbooks', () => {
  const runbooks = readPages()
    .filter(({ path }) => path.startsWith('docs/runbooks/'))
    .map(({ text }) => text)
    .join('\n')
  expect(errorLines.size).toBeGreaterThan(10)
  expect([...errorLines].filter((line) => !runbooks.includes(`\`${line}\``))).toEqual([])
})

test('a page that names what is not there is found', () => {
  const planted =
    '`BUREAU_NOTHING` `RUN_EATEN` `npm run fly` `alert: "boredom"` `src/nowhere.ts` curl http://127.0.0.1/api/horoscopes/:id'
  expect(strangers({ path: 'planted.md', text: planted })).toEqual([
    'planted.md: variable BUREAU_NOTHING does not exist',
    'planted.md: name BUREAU_NOTHING does not exist',
    'planted.md: name RUN_EATEN does not exist',
    'planted.md: npm script fly does not exist',
    'planted.md: alarm boredom does not exist',
    'planted.md: file src/nowhere.ts does not exist',
    'planted.md: route /api/horoscopes/:id does not exist',
  ])
})
