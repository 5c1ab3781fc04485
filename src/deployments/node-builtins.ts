/** Parts of Node.js that compute and nothing else: Deno has them with every permission denied. */
const HARMLESS = new Set([
  'assert',
  'assert/strict',
  'async_hooks',
  'buffer',
  'diagnostics_channel',
  'events',
  'path',
  'path/posix',
  'path/win32',
  'punycode',
  'querystring',
  'stream',
  'stream/consumers',
  'stream/promises',
  'stream/web',
  'string_decoder',
  'timers',
  'timers/promises',
  'url',
  'util',
  'util/types',
  'zlib',
  'crypto',
])

const USE_FETCH = 'Use ctx.fetch, and name the hosts in the manifest under egress.'
const USE_FILES = 'Take files as inputs, and give files back with ctx.artifacts.put.'
const NOTHING = 'Agents do without: take the import out, or the package that needs it.'

/** What the others would give, and what an agent does instead. */
const DENIED: Readonly<Record<string, readonly [capability: string, instead: string]>> = {
  fs: ["the host's files", USE_FILES],
  'fs/promises': ["the host's files", USE_FILES],
  net: ['network connections', USE_FETCH],
  tls: ['network connections', USE_FETCH],
  http: ['network connections', USE_FETCH],
  http2: ['network connections', USE_FETCH],
  https: ['network connections', USE_FETCH],
  dgram: ['network connections', USE_FETCH],
  dns: ['name resolution', USE_FETCH],
  'dns/promises': ['name resolution', USE_FETCH],
  child_process: ['other processes', NOTHING],
  cluster: ['other processes', NOTHING],
  worker_threads: ['threads', NOTHING],
  os: ['facts about the host', NOTHING],
  process: ["the process and the host's environment", 'What the agent needs to know comes as its input.'],
  sqlite: ["the host's files", USE_FILES],
  tty: ['the terminal', NOTHING],
  readline: ['the terminal', NOTHING],
  'readline/promises': ['the terminal', NOTHING],
  repl: ['the terminal', NOTHING],
}
const INTERNALS = [
  'console',
  'constants',
  'domain',
  'inspector',
  'inspector/promises',
  'module',
  'perf_hooks',
  'sea',
  'sys',
  'test',
  'trace_events',
  'v8',
  'vm',
  'wasi',
]

export type BuiltinVerdict =
  | { readonly kind: 'harmless'; readonly specifier: string }
  | { readonly kind: 'denied'; readonly capability: string; readonly instead: string }

/** What an import of Node.js's own modules means for an agent; null if it is none of them. */
export function judgeBuiltin(specifier: string): BuiltinVerdict | null {
  const isSpelledOut = specifier.startsWith('node:')
  const name = isSpelledOut ? specifier.slice(5) : specifier
  if (HARMLESS.has(name)) return { kind: 'harmless', specifier: `node:${name}` }
  const denied = Object.hasOwn(DENIED, name) ? DENIED[name] : undefined
  if (denied !== undefined) return { kind: 'denied', capability: denied[0], instead: denied[1] }
  if (isSpelledOut || INTERNALS.includes(name))
    return { kind: 'denied', capability: 'the insides of the runtime', instead: NOTHING }
  return null
}
