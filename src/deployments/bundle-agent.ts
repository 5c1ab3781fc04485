import { createHash } from 'node:crypto'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type BuildFailure, type Loader, type Message, type Plugin } from 'esbuild'
import * as zod from 'zod'
import { EnhancedAppError } from '../platform/errors.ts'
import { readZodRuntime } from '../sandbox/index.ts'
import { deploymentsErrors } from './deployments.errors.ts'
import { judgeBuiltin } from './node-builtins.ts'
import type { SourceFiles } from './source-files.ts'

export type Bundle = { readonly code: string; readonly sha256: string; readonly sizeBytes: number }

const SDK = fileURLToPath(new URL('../sandbox/guest/sdk.ts', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const ZOD = join(ROOT, 'node_modules', 'zod')
const UPLOADED = 'uploaded'
const PRELOADED = 'preloaded'
const REFUSED = 'import refused'
const BUILTIN = 'builtin'
const WHOLE_BUILTIN = 'whole builtin'
const BUILTIN_REFUSED = 'builtin refused'
const LOADERS: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.js': 'js',
  '.mjs': 'js',
  '.json': 'json',
  '.txt': 'text',
  '.csv': 'text',
  '.md': 'text',
}
/** One of these is the agent. */
export const ENTRIES = [
  'index.ts',
  'index.mts',
  'index.mjs',
  'index.js',
  'agent.ts',
  'agent.mts',
  'agent.mjs',
  'agent.js',
]
export const MAX_BUNDLE_BYTES = 5_000_000

/** Makes one self-contained ES module of an agent's source, with the SDK and zod inside: first zod as the script that
 * every sandbox has evaluated while it booted, then the agent, which takes zod from there. So the host may leave the
 * first part away where it is the same, and the module works for ever where it is not. The bundler executes nothing of
 * it; what it may read is decided here: the uploaded files, the SDK and zod, the packages that were fetched for this
 * build, no other file of this machine. The same source gives the same bytes. Called in a process of its own, see
 * build-agent.ts.
 * @param packagesDir real path of the folder that holds `node_modules`, or null without packages
 * @throws BUNDLE_IMPORT_REFUSED naming the import, BUNDLE_BUILTIN_REFUSED naming the capability, BUNDLE_FAILED naming
 * place and problem, BUNDLE_TOO_LARGE */
export async function bundleAgent(files: SourceFiles, packagesDir: string | null = null): Promise<Bundle> {
  const entry = ENTRIES.find((name) => files.has(name))
  if (entry === undefined)
    throw deploymentsErrors.BUNDLE_FAILED({
      problem: `None of ${ENTRIES.join(', ')} and agent.py was uploaded: one is the agent.`,
    })
  const zodRuntime = bringsItsOwnZod(files) ? null : readZodRuntime()
  const agent = await bundle({ files, zodKey: zodRuntime?.key ?? null, packagesDir }, entry)
  const built = zodRuntime === null ? agent : Buffer.concat([Buffer.from(zodRuntime.source), agent])
  const sizeBytes = built.byteLength
  if (sizeBytes > MAX_BUNDLE_BYTES) throw deploymentsErrors.BUNDLE_TOO_LARGE({ sizeBytes, maxBytes: MAX_BUNDLE_BYTES })
  return {
    code: Buffer.from(built).toString('utf8'),
    sha256: createHash('sha256').update(built).digest('hex'),
    sizeBytes,
  }
}

/** zod/mini shares its core with zod, and zod's error texts in 50 languages are not preloaded: who names one of them gets
 * all of zod in the bundle, and pays for it at every cold start. */
function bringsItsOwnZod(files: SourceFiles): boolean {
  const contents = [...files.values()].map((content) => Buffer.from(content))
  return contents.some((content) => content.includes('zod/mini') || content.includes('locales'))
}

type BundleParts = {
  readonly files: SourceFiles
  /** Where the agent finds zod, or null for a zod of its own. */
  readonly zodKey: string | null
  readonly packagesDir: string | null
}

async function bundle(parts: BundleParts, entry: string): Promise<Uint8Array> {
  const { packagesDir } = parts
  try {
    const { outputFiles } = await build({
      entryPoints: [entry],
      // Names of CommonJS modules stand in the bundle, relative to this: they must not tell of this machine or this build.
      absWorkingDir: packagesDir ?? ROOT,
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      conditions: packagesDir === null ? ['import'] : ['deno', 'worker', 'import'],
      // Packages ask; there is no process to ask in.
      define: { 'process.env.NODE_ENV': '"production"' },
      // What Deno 2 runs. Names are kept, so that a creator reads them in a stack.
      target: 'es2024',
      minifySyntax: true,
      minifyWhitespace: true,
      treeShaking: true,
      legalComments: 'none',
      charset: 'utf8',
      sourcemap: false,
      // Otherwise the bundler looks for a tsconfig in the folders of this machine.
      tsconfigRaw: '{}',
      logLevel: 'silent',
      outfile: 'agent.mjs',
      plugins: [onlyUploaded(parts)],
    })
    const output = outputFiles[0]
    if (output === undefined) throw deploymentsErrors.BUNDLE_FAILED({ problem: 'The bundler wrote nothing.' })
    return output.contents
  } catch (error) {
    throw buildError(error)
  }
}

/** The whole file system of a build. */
function onlyUploaded({ files, zodKey, packagesDir }: BundleParts): Plugin {
  const isInPackages = (path: string): boolean =>
    packagesDir !== null && path.startsWith(`${packagesDir}/node_modules/`)
  return {
    name: 'only-uploaded',
    setup(build) {
      build.onResolve({ filter: /.*/ }, async ({ path, importer, kind, namespace, pluginData }) => {
        if (pluginData === 'ours') return undefined
        if (kind === 'entry-point') return { path, namespace: UPLOADED }
        const isUploaded = namespace === UPLOADED
        const isOurs = namespace === 'file' && importer === SDK
        if ((isUploaded || isOurs) && (path === 'zod' || path === 'zod/v4') && zodKey !== null)
          return { path, namespace: PRELOADED, sideEffects: false }
        // The SDK and zod resolve as they do for us; zod has no dependencies and imports its own files only.
        if (isOurs || (namespace === 'file' && isInZod(importer))) return undefined
        if (namespace === BUILTIN) return { path, namespace: WHOLE_BUILTIN }
        if (namespace === WHOLE_BUILTIN) return { path, external: true }
        const isOfPackage = namespace === 'file' && isInPackages(importer)
        if (!isUploaded && !isOfPackage) return refused(path, importer)
        if (path === 'bureau') return { path: SDK, sideEffects: false }
        const builtin = judgeBuiltin(path)
        // A package of that name comes first: in Node.js only `node:` names are never a package's.
        if (builtin !== null && !(await isPackaged(path))) {
          if (builtin.kind === 'denied') return refusedBuiltin(path, importer, builtin)
          return kind === 'require-call'
            ? { path: builtin.specifier, namespace: BUILTIN }
            : { path: builtin.specifier, external: true }
        }
        if (isOfPackage) return undefined
        if (path === 'zod' || path === 'zod/mini' || path === 'zod/v4')
          return build.resolve(path, { kind, resolveDir: ROOT, pluginData: 'ours' })
        if (path.startsWith('./') || path.startsWith('../')) {
          const found = findUploaded(files, importer, path)
          return found === null ? refused(path, importer) : { path: found, namespace: UPLOADED }
        }
        if (packagesDir === null || path.startsWith('/') || path.includes(':')) return refused(path, importer)
        const resolved = await build.resolve(path, { kind, resolveDir: packagesDir, pluginData: 'ours' })
        return resolved.errors.length > 0 || !isInPackages(resolved.path) ? refused(path, importer) : resolved
      })
      const isPackaged = async (path: string): Promise<boolean> => {
        if (packagesDir === null || path.startsWith('node:')) return false
        const found = await build.resolve(path, {
          kind: 'import-statement',
          resolveDir: packagesDir,
          pluginData: 'ours',
        })
        return found.errors.length === 0 && isInPackages(found.path)
      }
      // `require` of a harmless part of Node.js gives the module itself, also where that is a function. The part stays an
      // import, which CommonJS cannot write and a module between them can.
      build.onLoad({ filter: /.*/, namespace: BUILTIN }, ({ path }) => ({
        contents: `module.exports = require(${JSON.stringify(path)}).whole`,
      }))
      build.onLoad({ filter: /.*/, namespace: WHOLE_BUILTIN }, ({ path }) => ({
        contents: `import whole from ${JSON.stringify(path)}; export { whole }`,
      }))
      build.onLoad({ filter: /.*/, namespace: PRELOADED }, () => ({ contents: preloadedZod(zodKey ?? '') }))
      build.onLoad({ filter: /.*/, namespace: UPLOADED }, ({ path }) => {
        const contents = files.get(path)
        const loader = LOADERS[posix.extname(path)]
        if (contents === undefined || loader === undefined)
          return { errors: [{ text: `${path} cannot be read as code` }] }
        return { contents, loader }
      })
      // The last word on every real file, whatever was resolved before.
      build.onLoad({ filter: /.*/, namespace: 'file' }, ({ path }) =>
        path === SDK || isInZod(path) || (isInPackages(path) && !path.endsWith('.node'))
          ? undefined
          : { errors: [{ text: `${path} is not part of the agent`, detail: REFUSED }] },
      )
    },
  }
}

/** The module `zod` of an agent whose sandbox has zod already. What it does not use is shaken out. */
function preloadedZod(key: string): string {
  const names = Object.keys(zod).filter((name) => name !== 'default' && name !== 'z')
  return [
    `const zod = globalThis[Symbol.for(${JSON.stringify(key)})]`,
    'const take = (name) => zod[name]',
    'export { zod as z, zod as default }',
    ...names.map((name, at) => `const $${at} = /* @__PURE__ */ take('${name}')\nexport { $${at} as ${name} }`),
  ].join('\n')
}

const isInZod = (path: string): boolean => path.startsWith(`${ZOD}/`)

function refused(path: string, importer: string) {
  return { errors: [{ text: path, detail: REFUSED, location: { file: importer } }] }
}

function refusedBuiltin(
  path: string,
  importer: string,
  { capability, instead }: { readonly capability: string; readonly instead: string },
) {
  const notes = [{ text: capability }, { text: instead }]
  return { errors: [{ text: path, detail: BUILTIN_REFUSED, location: { file: importer }, notes }] }
}

/** As TypeScript writes imports (`./x.ts`), and as Node and bundlers of old do (`./x`, `./x.js` for `x.ts`). */
function findUploaded(files: SourceFiles, importer: string, path: string): string | null {
  const plain = posix.join(posix.dirname(importer), path)
  const asTypeScript = plain.replace(/\.(m?)js$/, '.$1ts')
  const candidates = [plain, asTypeScript, `${plain}.ts`, `${plain}.js`, `${plain}/index.ts`, `${plain}/index.js`]
  return candidates.find((candidate) => files.has(candidate)) ?? null
}

function buildError(error: unknown): EnhancedAppError {
  if (error instanceof EnhancedAppError) return error
  const messages = isBuildFailure(error) ? error.errors : []
  const refusal = messages.find((message) => message.detail === REFUSED)
  if (refusal !== undefined) {
    const file = fileOf(refusal)
    return deploymentsErrors.BUNDLE_IMPORT_REFUSED({ import: refusal.text.slice(0, 200), file }, { cause: error })
  }
  const builtin = messages.find((message) => message.detail === BUILTIN_REFUSED)
  if (builtin !== undefined) {
    const [capability = '', instead = ''] = builtin.notes.map((note) => note.text)
    const details = { import: builtin.text.slice(0, 200), file: fileOf(builtin), capability, instead }
    return deploymentsErrors.BUNDLE_BUILTIN_REFUSED(details, { cause: error })
  }
  const problem =
    messages.length > 0 ? messages.slice(0, 5).map(describe).join('; ') : 'The bundler could not read the source.'
  return deploymentsErrors.BUNDLE_FAILED({ problem }, { cause: error })
}

/** The file of a message as the creator knows it: their own, or the package's. */
function fileOf({ location }: Pick<Message, 'location'>): string {
  const file = location?.file.replace(`${UPLOADED}:`, '') ?? 'the source'
  return file.replace(/^.*?(?=node_modules\/)/, '')
}

function describe({ text, location }: Message): string {
  const place = location === null ? '' : `${fileOf({ location })}:${location.line}: `
  return `${place}${text}`.slice(0, 500)
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors)
}
