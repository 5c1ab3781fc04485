import { globSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Option } from '../src/platform/config.ts'
import { errorCatalogue, type ErrorSpec } from '../src/platform/errors.ts'

const ROOT = join(import.meta.dirname, '..')

type Domain<T> = { readonly name: string; readonly entries: readonly T[] }

/** What is made from the code: path under the root -> text. A test compares it with what is committed. */
export async function generateDocs(): Promise<ReadonlyMap<string, string>> {
  const errors = await errorsByDomain()
  const options = await optionsByDomain()
  return new Map([
    ['docs/errors.md', errorsDocument(errors)],
    ['docs/configuration.md', configurationDocument(options)],
    ['.env.example', environmentExample(options)],
  ])
}

async function exportsOf(pattern: string): Promise<{ domain: string; exported: Record<string, unknown> }[]> {
  const files = globSync(pattern, { cwd: ROOT }).toSorted()
  return Promise.all(
    files.map(async (file) => {
      const module: object = await import(pathToFileURL(join(ROOT, file)).href)
      return { domain: file.split(sep)[1] ?? file, exported: { ...module } }
    }),
  )
}

async function errorsByDomain(): Promise<Domain<readonly [string, ErrorSpec]>[]> {
  const modules = [
    { domain: 'platform', exported: { ...(await import('../src/platform/errors.ts')) } },
    ...(await exportsOf('src/*/*.errors.ts')),
  ]
  const catalogue = errorCatalogue()
  const listed = new Set<string>()
  const domains = modules.map(({ domain, exported }) => {
    const codes = Object.values(exported)
      .flatMap((value) => (typeof value === 'object' && value !== null ? Object.keys(value) : []))
      .filter((code) => catalogue.has(code) && !listed.has(code))
    const unique = [...new Set(codes)].toSorted()
    for (const code of unique) listed.add(code)
    return { name: domain, entries: unique.flatMap((code) => entry(catalogue, code)) }
  })
  const missing = [...catalogue.keys()].filter((code) => !listed.has(code))
  if (missing.length > 0) throw new Error(`declared in no *.errors.ts: ${missing.join(', ')}`)
  return domains.filter((domain) => domain.entries.length > 0)
}

function entry(catalogue: ReadonlyMap<string, ErrorSpec>, code: string): (readonly [string, ErrorSpec])[] {
  const spec = catalogue.get(code)
  return spec === undefined ? [] : [[code, spec]]
}

async function optionsByDomain(): Promise<Domain<Option<unknown>>[]> {
  const modules = await exportsOf('src/**/*.options.ts')
  return modules.map(({ domain, exported }) => ({
    name: domain,
    entries: Object.values(exported).flatMap((group) =>
      typeof group === 'object' && group !== null ? Object.values(group).filter(isOption) : [],
    ),
  }))
}

const isOption = (value: unknown): value is Option<unknown> =>
  typeof value === 'object' && value !== null && 'variable' in value && 'schema' in value && 'why' in value

const HEAD = '<!-- Made by `npm run docs` from the code. Edits here are lost. -->\n\n'

const RETRY = { never: 'no', later: 'later', now: 'at once' } as const

function errorsDocument(domains: readonly Domain<readonly [string, ErrorSpec]>[]): string {
  const parts = domains.map(({ name, entries }) => {
    const rows = entries.map(
      ([code, spec]) =>
        `| \`${code}\` | ${spec.status} | ${RETRY[spec.retry]} | ${cell(spec.title)} | ${cell(spec.fix)} |`,
    )
    return `## ${name}\n\n| code | HTTP | send it again? | what it is | what to do |\n|---|---|---|---|---|\n${rows.join('\n')}\n`
  })
  return `${HEAD}# Error codes

Every failure has a code, for life. HTTP answers carry it as RFC 9457 problem details (\`application/problem+json\`) with the
request id; jobs and sockets use the same codes. \`{name}\` stands for a fact about the occurrence, which is also a member of
the answer.

${parts.join('\n')}`
}

function configurationDocument(domains: readonly Domain<Option<unknown>>[]): string {
  const parts = domains.map(({ name, entries }) => {
    const rows = entries.map((one) => {
      const variable = one.secret ? `\`${one.variable}\` or \`${one.variable}_FILE\`` : `\`${one.variable}\``
      return `| ${variable} | ${defaultOf(one) === null ? '' : `\`${defaultOf(one)}\``} | ${one.unit ?? ''} | ${cell(one.why)} |`
    })
    return `## ${name}\n\n| variable | default | unit | why |\n|---|---|---|---|\n${rows.join('\n')}\n`
  })
  return `${HEAD}# Configuration

Everything is an environment variable, read once at start; all problems are named together, and the exit code is then 78.
Empty means unset. A secret may also be given as a file named by \`…_FILE\`. Booleans are \`true\` or \`false\`.

${parts.join('\n')}`
}

function environmentExample(domains: readonly Domain<Option<unknown>>[]): string {
  const parts = domains.map(({ name, entries }) => {
    const lines = entries.map((one) => {
      const unit = one.unit === undefined ? '' : ` (${one.unit})`
      return `# ${one.why}${unit}\n# ${one.variable}=${defaultOf(one) ?? ''}\n`
    })
    return `# ---- ${name}\n\n${lines.join('\n')}`
  })
  return `# Made by \`npm run docs\` from the code. Copy to .env and take the # away from what you change.\n\n${parts.join('\n')}`
}

/** The value that an unset variable stands for, as one would write it; null where it stands for nothing. */
function defaultOf(declared: Option<unknown>): string | null {
  const parsed = declared.schema.safeParse(undefined)
  if (!parsed.success || parsed.data === undefined || parsed.data === null) return null
  const text = Array.isArray(parsed.data)
    ? parsed.data.join(',')
    : typeof parsed.data === 'string'
      ? parsed.data
      : typeof parsed.data === 'bigint'
        ? String(parsed.data)
        : JSON.stringify(parsed.data)
  return text === '' ? null : text
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** Says which committed files differ from what the code makes. */
export async function findStaleDocs(): Promise<string[]> {
  const stale: string[] = []
  for (const [path, text] of await generateDocs()) {
    const committed = await readFile(join(ROOT, path), 'utf8').catch(() => null)
    if (committed !== text) stale.push(path)
  }
  return stale
}

if (import.meta.main) {
  for (const [path, text] of await generateDocs()) await writeFile(join(ROOT, path), text)
}
