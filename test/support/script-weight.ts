import { readFile } from 'node:fs/promises'
import { SourceMap } from 'node:module'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Page, Request } from 'playwright-core'
import { z } from 'zod'
import type { SiteBuild } from '../../src/gateway/site-build.ts'
import { eventually } from './eventually.ts'

/** What a page loads in scripts until nothing is on its way any more, in bytes as gzip. `later` is what waits by a timer
 * until the page stands (the socket for live updates), and is in neither of the others. */
export type ScriptWeight = { readonly all: number; readonly ours: number; readonly later: number }

/** Nothing asked for or arriving in this time: what the page loads by itself is there. */
const QUIET_MS = 1_500
/** What has no end by now is a stream. */
const LONGEST_ANSWER_MS = 8_000

type FileWeight = { readonly all: number; readonly ours: number; readonly later: number }

const LATER = /\/node_modules\/(?:socket|engine)\.io-client\//

const sourceMap = z.object({
  file: z.string().default(''),
  version: z.number(),
  sources: z.array(z.string()).default([]),
  sourcesContent: z.array(z.string()).default([]),
  names: z.array(z.string()).default([]),
  mappings: z.string().default(''),
  sourceRoot: z.string().default(''),
})

/** Weighs the scripts of pages of one build. What of a file is ours its source map says, letter by letter: whatever came
 * from web/ as opposed to node_modules and the bundler. That part is compressed alone, which makes it heavier than it is
 * within its file, never lighter. */
export function createScriptScale(build: SiteBuild) {
  const weights = new Map<string, Promise<FileWeight>>()

  async function weigh(path: string): Promise<FileWeight> {
    const code = await readFile(join(build.folder, 'static', path), 'utf8')
    const map = await sourceMapOf(build, path, code)
    const all = gzipped(code)
    if (map.sources.some((source) => LATER.test(source))) return { all: 0, ours: 0, later: all }
    return { all, ours: gzipped(oursOf(code, new SourceMap(map))), later: 0 }
  }

  return {
    /** Opens an address and weighs what comes. @param page in a browser that has loaded nothing yet */
    async open(page: Page, url: string): Promise<ScriptWeight> {
      const paths = new Set<string>()
      page.on('response', (response) => {
        if (response.request().resourceType() !== 'script' && !/\.m?js$/.test(new URL(response.url()).pathname)) return
        const [, path] = new URL(response.url()).pathname.split('/_next/static/')
        if (path === undefined) throw new Error(`a script from elsewhere: ${response.url()}`)
        paths.add(path)
      })
      const underway = new Map<Request, number>()
      let lastMs = performance.now()
      page.on('request', (request) => {
        lastMs = performance.now()
        underway.set(request, lastMs)
      })
      const end = (request: Request) => {
        lastMs = performance.now()
        underway.delete(request)
      }
      page.on('requestfinished', end)
      page.on('requestfailed', end)
      await page.goto(url, { waitUntil: 'load' })
      // Not `networkidle`, which a stream or a socket of the page keeps from ever coming.
      await eventually(
        () => {
          const nowMs = performance.now()
          const isAwaited = [...underway.values()].some((sinceMs) => nowMs - sinceMs < LONGEST_ANSWER_MS)
          if (isAwaited || nowMs - lastMs < QUIET_MS) throw new Error(`${url} goes on loading`)
        },
        { withinMs: 60_000 },
      )
      const files = await Promise.all(
        [...paths].map((path) => {
          const known = weights.get(path) ?? weigh(path)
          weights.set(path, known)
          return known
        }),
      )
      const sum = (part: keyof FileWeight) => files.reduce((total, file) => total + file[part], 0)
      return { all: sum('all'), ours: sum('ours'), later: sum('later') }
    },
  }
}

/** As the gateway compresses files of the build. */
const gzipped = (text: string): number => (text === '' ? 0 : gzipSync(text, { level: 9 }).byteLength)

async function sourceMapOf(build: SiteBuild, path: string, code: string): Promise<z.infer<typeof sourceMap>> {
  const [, name] = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(code) ?? []
  // The bundler's own start, a few lines.
  if (name === undefined) return sourceMap.parse({ version: 3 })
  return sourceMap.parse(JSON.parse(await readFile(join(build.folder, 'static', path, '..', name), 'utf8')))
}

function oursOf(code: string, map: SourceMap): string {
  let ours = ''
  code.split('\n').forEach((line, row) => {
    for (let column = 0; column < line.length; column += 1) {
      const entry = map.findEntry(row, column)
      if ('originalSource' in entry && isOurs(entry.originalSource)) ours += line[column]
    }
  })
  return ours
}

const isOurs = (source: string): boolean => /\[project\]\/web\//.test(source)
