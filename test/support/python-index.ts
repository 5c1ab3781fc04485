import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { zipSync } from 'fflate'
import { atEndOfFile } from './each-file.ts'

/** A wheel as build tools write it: the files, and what it says of itself. */
export function aWheel(
  name: string,
  version: string,
  files: Readonly<Record<string, string>>,
  needs: readonly string[] = [],
): Buffer {
  const stem = `${name.replaceAll('-', '_')}-${version}`
  const metadata = [
    'Metadata-Version: 2.1',
    `Name: ${name}`,
    `Version: ${version}`,
    ...needs.map((need) => `Requires-Dist: ${need}`),
  ]
  const all = { ...files, [`${stem}.dist-info/METADATA`]: `${metadata.join('\n')}\n\nA package.\n` }
  return Buffer.from(zipSync(Object.fromEntries(Object.entries(all).map(([path, text]) => [path, Buffer.from(text)]))))
}

export type PythonIndex = {
  readonly url: URL
  readonly asked: string[]
  /** Offers a file. @returns its SHA-256 */
  offer(
    name: string,
    file: string,
    bytes: Buffer,
    options?: { readonly sha256?: string; readonly url?: string },
  ): string
}

/** The part of a package index that a build talks to. Closed at the end of the file.
 * @param form `json` as PEP 691 has it, `html` as PEP 503 */
export async function aPythonIndex(form: 'json' | 'html' = 'json'): Promise<PythonIndex> {
  const pages = new Map<string, { file: string; sha256: string; url: string }[]>()
  const wheels = new Map<string, Buffer>()
  const asked: string[] = []
  const server = createServer((req, res) => {
    const path = req.url ?? ''
    asked.push(path)
    if (path.startsWith('/simple/broken/')) return res.writeHead(500).end()
    if (path.startsWith('/simple/elsewhere/')) return res.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()
    const wheel = wheels.get(path)
    if (wheel !== undefined) return res.writeHead(200).end(wheel)
    const page = pages.get(path)
    if (page === undefined) return res.writeHead(404).end()
    if (form === 'json') {
      const files = page.map(({ file, url, sha256 }) => ({ filename: file, url, hashes: { sha256 } }))
      return res
        .writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' })
        .end(JSON.stringify({ files }))
    }
    const links = page.map(({ file, url, sha256 }) => `<a href="${url}#sha256=${sha256}" data-x="1">${file}</a><br/>`)
    return res
      .writeHead(200, { 'content-type': 'text/html' })
      .end(`<!DOCTYPE html><html><body>${links.join('\n')}</body></html>`)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  atEndOfFile(async () => void (await new Promise((resolve) => server.close(resolve))))
  const address = server.address()
  const base = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  return {
    url: new URL(`${base}/simple/`),
    asked,
    offer(name, file, bytes, options = {}) {
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      wheels.set(`/files/${file}`, bytes)
      const page = pages.get(`/simple/${name}/`) ?? []
      page.push({ file, sha256: options.sha256 ?? sha256, url: options.url ?? `../../files/${file}` })
      pages.set(`/simple/${name}/`, page)
      return sha256
    },
  }
}
