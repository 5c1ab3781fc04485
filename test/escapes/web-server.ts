import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const BOMB_BYTES = 30_000_000
/** At its best Brotli takes seconds, in which this process ends no run in time. */
const QUICKLY = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }
/** Packing one takes longer than any attack may. */
const packed = new Map<string, Buffer>()
function bombOf(how: string, pack: () => Buffer): Buffer {
  const bytes = packed.get(how) ?? pack()
  packed.set(how, bytes)
  return bytes
}
/** What unfolds to 30 MB, by how it is packed. */
const bombs: Readonly<Record<string, { readonly coding: string; readonly bytes: () => Buffer }>> = {
  gzip: { coding: 'gzip', bytes: () => gzipSync(Buffer.alloc(BOMB_BYTES)) },
  br: { coding: 'br', bytes: () => brotliCompressSync(Buffer.alloc(BOMB_BYTES), QUICKLY) },
  twice: { coding: 'gzip, gzip', bytes: () => gzipSync(gzipSync(Buffer.alloc(BOMB_BYTES))) },
}

export type WebServer = {
  readonly port: number
  /** Serves a tarball as a registry does, or leads on to an address. @returns where */
  offer(path: string, tarball: Buffer | string): string
  close(): Promise<void>
}

/** A web server on 127.0.0.1 that an agent may be let reach, and that does what a hostile one would.
 * @param hear told of what arrives below `/hear`: what stands there got through */
export async function startWeb(hear: (chunk: Buffer) => void): Promise<WebServer> {
  const tarballs = new Map<string, Buffer | string>()
  const server = createServer({ maxHeaderSize: 1_000_000 }, (request, response) => {
    response.on('error', () => undefined)
    const tarball = tarballs.get(request.url ?? '')
    if (typeof tarball === 'string') return void response.writeHead(302, { location: tarball }).end()
    if (tarball !== undefined) return void response.end(tarball)
    void answer(request, response, hear).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the web server has no port')
  return {
    port: address.port,
    offer(path, tarball) {
      tarballs.set(path, tarball)
      return `http://127.0.0.1:${address.port}${path}`
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, hear: (chunk: Buffer) => void) {
  const url = new URL(request.url ?? '/', 'http://web.test')
  const said = { method: request.method, url: request.url, headers: request.rawHeaders }
  if (url.pathname.startsWith('/hear')) {
    hear(Buffer.from(JSON.stringify(said)))
    for await (const chunk of request) hear(Buffer.from(chunk))
    return void response.end('heard')
  }
  const how = url.searchParams.get('as') ?? ''
  switch (url.pathname) {
    case '/to': {
      // The agent says where in pieces: an address written out would be heard as one.
      const location = url.searchParams.get('at') ?? ''
      return void response.writeHead(Number(url.searchParams.get('status') ?? '302'), { location }).end()
    }
    case '/echo':
      return await echo(response, JSON.stringify(said), how, request.headers['x-key'])
    case '/bomb': {
      const bomb = bombs[how]
      if (bomb === undefined) return void response.writeHead(404).end()
      return void response.writeHead(200, { 'content-encoding': bomb.coding }).end(bombOf(how, bomb.bytes))
    }
    case '/endless': {
      const piece = Buffer.alloc(65_536, 120)
      const pour = (): void => {
        while (response.write(piece));
        response.once('drain', pour)
      }
      return pour()
    }
    case '/drip':
      response.writeHead(200)
      while (!response.destroyed) {
        response.write('.')
        await pause(100)
      }
      return
    case '/silent':
      return
    case '/heads':
      return void response.writeHead(200, { 'x-large': 'x'.repeat(Number(how)) }).end('ok')
    case '/packed':
      return void response.writeHead(200, { 'content-encoding': how }).end('ok')
    case '/status':
      return void response.socket?.end(`HTTP/1.1 ${how} odd\r\ncontent-length: 2\r\n\r\nok`)
    default:
      return void response.end('hello')
  }
}

/** Gives back what it was told, in the form that is asked for. */
async function echo(response: ServerResponse, said: string, how: string, key: string | string[] | undefined) {
  const value = typeof key === 'string' ? key : ''
  switch (how) {
    case 'gzip':
      return void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(said))
    case 'base64':
    case 'hex':
    case 'base64url':
      return void response.end(Buffer.from(value).toString(how))
    case 'shifted':
      return void response.end(Buffer.from(`ab${value}`).toString('base64'))
    case 'percent':
      return void response.end(encodeURIComponent(value))
    case 'header':
      return void response.writeHead(200, { 'x-echo': value }).end('ok')
    case 'status':
      return void response.writeHead(200, value).end('ok')
    case 'cookie':
      return void response.writeHead(200, { 'set-cookie': `key=${value}` }).end('ok')
    case 'slow':
      // Three at a time: cut wherever it may be.
      for (let at = 0; at < said.length; at += 3) {
        response.write(said.slice(at, at + 3))
        await pause(1)
      }
      return void response.end()
    default:
      return void response.end(said)
  }
}
