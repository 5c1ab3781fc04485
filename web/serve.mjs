// The process of the site, as the gateway starts it: Next.js on a free port of the loopback interface. It says that port
// over the channel to its parent, and ends with it.
import { createServer } from 'node:http'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import next from 'next'

const dir = dirname(fileURLToPath(import.meta.url))
const hostname = '127.0.0.1'
const dev = process.argv.includes('--development')

// The parent is gone, also by `kill -9`: nobody would stop us any more.
process.on('disconnect', () => process.exit(0))
// Connections are the gateway's alone; it drains before it sends this.
process.on('SIGTERM', () => process.exit(0))

const server = createServer()
// Longer than the gateway keeps an idle connection, or it would send requests into closed ones.
server.keepAliveTimeout = 120_000
await new Promise((resolve) => server.listen(Number(process.argv[2] ?? 0), hostname, resolve))
const { port } = server.address()
const site = next({ dev, dir, hostname, port, httpServer: server })
await site.prepare()
const answer = site.getRequestHandler()
server.on('request', (req, res) => void answer(req, res))
process.send?.({ kind: 'listening', port })
