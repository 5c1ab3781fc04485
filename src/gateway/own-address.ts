import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'
import { createBoundedCache } from '../platform/bounded-cache.ts'

/** What is known of a request before anything is believed. */
type Asked = { readonly headers: IncomingHttpHeaders; readonly socket: Pick<Socket, 'localAddress' | 'localPort'> }

/** The address under which the visitor sees this site, for links and redirects that the site makes. `BUREAU_URL` if it is
 * set. Otherwise the Host header, but only where it says what the connection says: this machine by name, or the very
 * address that was connected to. Any other Host is a stranger's word.
 * @param fallback where this process listens */
export function ownAddress(req: Asked, publicUrl: string | undefined, fallback: string): URL {
  if (publicUrl !== undefined) return new URL(publicUrl)
  const asked = `http://${req.headers.host ?? ''}`
  if (!URL.canParse(asked)) return new URL(fallback)
  const url = new URL(asked)
  const { localAddress = '', localPort } = req.socket
  const address = localAddress.replace(/^::ffff:/, '')
  const isOurs = url.hostname === 'localhost' || url.hostname === address || url.hostname === `[${address}]`
  return isOurs && Number(url.port || 80) === localPort ? new URL(url.origin) : new URL(fallback)
}

/** The same for many requests: what is told by a connection and its Host is told once, because reading an address takes
 * as long as sending a page from memory. Strangers write what they like into Host, so few are remembered.
 * @param listensAt where this process listens; known once it does */
export function createOwnAddresses(publicUrl: string | undefined, listensAt: () => string): (req: Asked) => URL {
  const known = createBoundedCache<URL>(100)
  const configured = publicUrl === undefined ? undefined : new URL(publicUrl)
  return (req) => {
    if (configured !== undefined) return configured
    const { localAddress = '', localPort = 0 } = req.socket
    const key = `${localAddress} ${localPort} ${req.headers.host ?? ''}`
    let own = known.get(key)
    if (own === undefined) {
      own = ownAddress(req, undefined, listensAt())
      if (key.length < 300) known.set(key, own)
    }
    return own
  }
}
