import { request, type Server } from 'node:http'
import type { Site } from './site-process.ts'

/** In development the site tells open pages over a WebSocket what has changed; this hands those connections on. Never in
 * production: the site opens none, and sockets of pages are Socket.IO's. */
export function forwardUpgrades(server: Server, site: Site): void {
  server.on('upgrade', (req, socket, head) => {
    const url = site.url()
    if (url === null || !(req.url ?? '').startsWith('/_next/')) return
    const { hostname, port, host } = new URL(url)
    const onward = request({ hostname, port, path: req.url, headers: { ...req.headers, host, origin: url } })
    onward.on('upgrade', (answer, theirs, theirHead) => {
      const lines = answer.rawHeaders.flatMap((name, index, all) =>
        index % 2 === 0 ? [`${name}: ${all[index + 1] ?? ''}`] : [],
      )
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
      socket.write(theirHead)
      theirs.write(head)
      theirs.pipe(socket).pipe(theirs)
      theirs.on('error', () => socket.destroy())
      socket.on('error', () => theirs.destroy())
    })
    onward.on('response', () => socket.destroy())
    onward.on('error', () => socket.destroy())
    onward.end()
  })
}
