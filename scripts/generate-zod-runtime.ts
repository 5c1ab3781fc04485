import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import * as zod from 'zod'

const ROOT = join(import.meta.dirname, '..')
const ZOD = join(ROOT, 'node_modules', 'zod')
export const ZOD_RUNTIME = 'src/sandbox/guest/zod-runtime.js'

/** Files behind the namespaces that zod exports: `z.core`, `z.core.util`, … */
const NAMESPACE_FILES: Readonly<Record<string, string>> = {
  core: 'v4/core/index.js',
  iso: 'v4/classic/iso.js',
  coerce: 'v4/classic/coerce.js',
  util: 'v4/core/util.js',
  regexes: 'v4/core/regexes.js',
  JSONSchema: 'v4/core/json-schema.js',
}

/** The file {@link ZOD_RUNTIME}: zod as one script, which every sandbox evaluates while it boots. It puts zod where its
 * own hash says (`Symbol.for('bureau.zod.<hash>')`), so that a bundle finds the zod it was built with and no other.
 * Namespaces are plain objects, the large ones made when they are first asked for: as esbuild makes them, with a getter
 * an export, they were a third of what evaluating zod costs. */
export async function generateZodRuntime(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: entry(), resolveDir: ZOD, loader: 'js' },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'runtime',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2024',
    minify: true,
    legalComments: 'none',
    charset: 'utf8',
    tsconfigRaw: '{}',
    logLevel: 'silent',
    plugins: [withoutNamespaces()],
  })
  const body = `(()=>{"use strict";${outputFiles[0]?.text.trim() ?? ''}return runtime.zod})()`
  const hash = createHash('sha256').update(body).digest('hex').slice(0, 16)
  return `globalThis[Symbol.for("bureau.zod.${hash}")]??=${body};\n`
}

function entry(): string {
  const imports: string[] = []
  const take = (name: string, file: string): string => {
    imports.push(`import { ${name} as $${imports.length} } from ${JSON.stringify(join(ZOD, file))}`)
    return `$${imports.length - 1}`
  }
  const members = (namespace: object, file: string, depth: number): string[] =>
    Object.entries(namespace).flatMap(([name, value]) => {
      if (name === 'default' || (depth === 0 && name === 'z')) return []
      // zod's error texts in 50 languages are as large as all the rest: who names them bundles zod anew.
      if (name === 'locales') return [`locales: Object.freeze({ en: ${take('default', 'v4/locales/en.js')} })`]
      if (!isNamespace(value)) return [`${name}: ${take(name, file)}`]
      const inner = NAMESPACE_FILES[name]
      if (inner === undefined) throw new Error(`zod has a new namespace ${name}: name its file`)
      const made = `made${name}${depth}`
      imports.push(`let ${made}`)
      return [`get ${name}() { return ${made} ??= Object.freeze({ ${members(value, inner, depth + 1).join(', ')} }) }`]
    })
  const properties = members(zod, 'v4/classic/external.js', 0)
  return `${imports.join('\n')}\nexport const zod = Object.freeze({ ${properties.join(', ')} })`
}

const isNamespace = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.prototype.toString.call(value) === '[object Module]'

/** Keeps zod from building namespaces of its own while it loads. */
function withoutNamespaces(): Plugin {
  return {
    name: 'without-namespaces',
    setup(build) {
      build.onLoad({ filter: /[/]locales[/]index\.js$/ }, () => ({
        contents: `export { default as en } from './en.js'`,
      }))
      // It spreads two namespaces into one at load, to look constructors up by name once it is called.
      build.onLoad({ filter: /[/]from-json-schema\.js$/ }, async ({ path }) => {
        const text = await readFile(path, 'utf8')
        const contents = text
          .replaceAll(/import \* as _(?:checks|iso|schemas) from .*\n/g, '')
          .replace(/const z = \{\s+\.\.\._schemas,\s+\.\.\._checks,\s+iso: _iso,\s+\};/, `import * as z from 'all'`)
        if (contents.includes('_schemas')) throw new Error('zod was rewritten: look at from-json-schema.js again')
        return { contents }
      })
      build.onResolve({ filter: /^all$/ }, () => ({ path: 'all', namespace: 'all' }))
      build.onLoad({ filter: /.*/, namespace: 'all' }, () => ({
        contents: ['schemas', 'checks']
          .map((file) => `export * from './v4/classic/${file}.js'`)
          .concat(`export * as iso from './v4/classic/iso.js'`)
          .join('\n'),
        resolveDir: ZOD,
      }))
    },
  }
}

if (import.meta.main) await writeFile(join(ROOT, ZOD_RUNTIME), await generateZodRuntime())
