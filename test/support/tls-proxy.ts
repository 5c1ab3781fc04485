import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { request, type IncomingMessage, type RequestOptions } from 'node:http'
import { createServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { freePort } from './bureau-process.ts'
import { atEndOfFile } from './each-file.ts'

/** A proxy that ends TLS before a Bureau, as nginx and Caddy do: it tells the address of the client and what was asked
 * for in `X-Forwarded-*`, adding to what a client sent itself. */
export type TlsProxy = {
  /** Of people: `https://localhost:…`. */
  readonly origin: string
  /** Where it passes requests on to. */
  to(upstream: URL): void
  /** The address that the next clients come from. */
  clientAddress: string
}

/** Starts it with a certificate of its own; it ends with the test file. */
export async function aTlsProxy(): Promise<TlsProxy> {
  const port = await freePort()
  let upstream: URL | undefined
  const server = createServer(selfSigned())
  const proxy: TlsProxy = {
    origin: `https://localhost:${port}`,
    clientAddress: '198.51.100.7',
    to(url) {
      upstream = url
    },
  }
  const passedOn = (req: IncomingMessage): RequestOptions => {
    if (upstream === undefined) throw new Error('the proxy does not know yet where to')
    const earlier = req.headers['x-forwarded-for']
    return {
      host: upstream.hostname,
      port: upstream.port,
      method: req.method,
      path: req.url,
      headers: {
        ...req.headers,
        'x-forwarded-for': earlier === undefined ? proxy.clientAddress : `${String(earlier)}, ${proxy.clientAddress}`,
        'x-forwarded-proto': 'https',
        'x-forwarded-host': req.headers.host,
      },
    }
  }
  server.on('request', (req, res) => {
    const asked = request(passedOn(req), (answer) => {
      res.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(res)
    })
    asked.on('error', () => res.destroy())
    res.on('close', () => asked.destroy())
    req.pipe(asked)
  })
  server.on('upgrade', (req, socket: Duplex, head: Buffer) => {
    const asked = request(passedOn(req))
    const end = () => socket.destroy()
    socket.on('error', () => asked.destroy())
    asked.on('error', end)
    asked.on('response', end)
    asked.on('upgrade', (answer, far, farHead) => {
      const lines = answer.rawHeaders.flatMap((name, at, all) =>
        at % 2 === 0 ? [`${name}: ${all[at + 1] ?? ''}`] : [],
      )
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
      far.unshift(farHead)
      far.on('error', end)
      far.pipe(socket).pipe(far)
    })
    asked.end(head)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  atEndOfFile(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  return proxy
}

/** A certificate for `localhost`, signed by itself, for a day: RFC 5280 by hand, because Node signs none. */
function selfSigned(): { readonly key: string; readonly cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(0x30, oid('2a8648ce3d040302'))
  const name = der(0x30, der(0x31, der(0x30, oid('550403'), der(0x0c, 'localhost'))))
  const time = (ms: number) => der(0x17, `${new Date(ms).toISOString().replaceAll(/\D/g, '').slice(2, 14)}Z`)
  const altName = der(0x30, oid('551d11'), der(0x04, der(0x30, der(0x82, 'localhost'))))
  const body = der(
    0x30,
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    algorithm,
    name,
    der(0x30, time(Date.now() - 3_600_000), time(Date.now() + 86_400_000)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(0x30, altName)),
  )
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)])
  const cert = der(0x30, body, algorithm, der(0x03, signature)).toString('base64')
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${cert}\n-----END CERTIFICATE-----\n`,
  }
}

const oid = (hex: string) => der(0x06, Buffer.from(hex, 'hex'))

function der(tag: number, ...parts: readonly (string | Buffer)[]): Buffer {
  const value = Buffer.concat(parts.map((part) => Buffer.from(part)))
  const size = value.byteLength
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), value])
}
