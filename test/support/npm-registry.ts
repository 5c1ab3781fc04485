import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import { gzipSync } from 'node:zlib'
import { packTar, type TarEntry } from 'modern-tar'
import { atEndOfFile } from './each-file.ts'

export type Tarball = { readonly bytes: Buffer; readonly integrity: string }

/** A package as `npm pack` writes it: every file below `package/`. */
export async function aTarball(
  files: Readonly<Record<string, string>>,
  more: readonly TarEntry[] = [],
): Promise<Tarball> {
  const entries = Object.entries(files).map(([name, text]) => ({
    header: { name: `package/${name}`, size: Buffer.byteLength(text), type: 'file' as const },
    body: text,
  }))
  return tarballOf(gzipSync(await packTar([...entries, ...more])))
}

export function tarballOf(bytes: Buffer): Tarball {
  return { bytes, integrity: `sha512-${createHash('sha512').update(bytes).digest('base64')}` }
}

export type NpmRegistry = {
  readonly url: URL
  /** Paths that were asked for. */
  readonly asked: string[]
  /** Offers a tarball. @returns its address and integrity, as a lockfile has them */
  offer(path: string, tarball: Tarball): { readonly resolved: string; readonly integrity: string }
}

/** The part of an npm registry that a build talks to: tarballs by their address. Closed at the end of the file. */
export async function anNpmRegistry(): Promise<NpmRegistry> {
  const tarballs = new Map<string, Buffer>()
  const asked: string[] = []
  const server = createServer((req, res) => {
    const path = req.url ?? ''
    asked.push(path)
    const bytes = tarballs.get(path)
    if (path.startsWith('/elsewhere')) return res.writeHead(302, { location: 'http://127.0.0.1:9/' }).end()
    if (path.startsWith('/broken')) return res.writeHead(500).end()
    if (bytes === undefined) return res.writeHead(404).end()
    return res.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bytes)
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  atEndOfFile(async () => void (await new Promise((resolve) => server.close(resolve))))
  const address = server.address()
  const url = new URL(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`)
  return {
    url,
    asked,
    offer(path, { bytes, integrity }) {
      tarballs.set(path, bytes)
      return { resolved: new URL(path, url).href, integrity }
    },
  }
}
