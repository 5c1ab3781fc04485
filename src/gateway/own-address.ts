import type { IncomingHttpHeaders } from 'node:http'
import type { Socket } from 'node:net'

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
