/** The domains, each group importing only from the groups after it. To tell someone before it, a domain enqueues a job
 * or returns a value. `platform` knows none of them. */
const GROUPS = [
  ['embeds', 'deployments', 'operations'],
  ['runs'],
  ['secrets'],
  ['agents'],
  ['credits', 'sandbox', 'realtime', 'analytics', 'gateway'],
  ['users', 'files'],
  ['http', 'jobs'],
  ['platform'],
] as const

/** `path` from the project's root, `/` between. */
export type SourceFile = { readonly path: string; readonly text: string }

type Place = {
  readonly kind: 'main' | 'roles' | 'domain' | 'platform' | 'outside'
  readonly domain: string
  readonly rank: number
}

/** Every import that does not point the way `main → roles → routes, jobs → use cases → other domains' index.ts →
 * platform`, as a sentence. Tests may look anywhere. */
export function importsAgainstDirection(files: readonly SourceFile[]): string[] {
  const wrong: string[] = []
  for (const file of files) {
    if (!file.path.startsWith('src/') || isForTests(file.path)) continue
    for (const target of relativeImports(file)) {
      const reason = reasonAgainst(file.path, target)
      if (reason !== undefined) wrong.push(`${file.path} imports ${target}: ${reason}`)
    }
  }
  return wrong
}

function reasonAgainst(from: string, to: string): string | undefined {
  const source = placeOf(from)
  const target = placeOf(to)
  if (isForTests(to)) return 'it is for tests'
  if (target.kind === 'outside') return source.kind === 'outside' ? undefined : 'it lies outside src/'
  if (target.kind === 'main') return source.kind === 'main' ? undefined : 'only a process starts there'
  if (source.kind === 'main') return undefined
  if (target.kind === 'roles')
    return source.kind === 'roles' ? undefined : 'a role puts domains together, not the other way'
  if (source.kind === 'roles') return undefined
  if (source.domain === target.domain) {
    const isUseCase = !/\.(routes|jobs)\.ts$|\/index\.ts$/.test(from)
    return isUseCase && to.endsWith('.routes.ts') ? 'a use case does not know its routes' : undefined
  }
  if (source.rank >= target.rank) return `${source.domain} does not stand before ${target.domain}`
  if (target.kind === 'domain' && !to.endsWith('/index.ts')) return `of ${target.domain} only index.ts is public`
  return undefined
}

function placeOf(path: string): Place {
  const [, first = '', rest] = /^src\/([^/]+)(?:\/(.+))?$/.exec(path) ?? []
  if (first === '') return { kind: 'outside', domain: '', rank: 0 }
  if (rest === undefined) return { kind: 'main', domain: '', rank: 0 }
  // A command of the command line is the start of a process, like main.ts.
  if (first === 'cli') return { kind: 'main', domain: '', rank: 0 }
  if (first === 'roles') return { kind: 'roles', domain: first, rank: 0 }
  const rank = GROUPS.findIndex((group) => group.some((domain) => domain === first))
  if (rank < 0) throw new Error(`src/${first} has no place in the order of domains (test/house/import-direction.ts)`)
  return { kind: first === 'platform' ? 'platform' : 'domain', domain: first, rank }
}

function isForTests(path: string): boolean {
  return /\.test\.ts$|\/testing\/|\/store-contract\.ts$/.test(path)
}

const IMPORT = /(?:\bfrom|\bimport\s*\(|^import)\s*['"](\.[^'"]+)['"]/gm

function relativeImports({ path, text }: SourceFile): string[] {
  return [...text.matchAll(IMPORT)].map(([, specifier = '']) => new URL(specifier, `file:///${path}`).pathname.slice(1))
}
