import { connect, createServer, type Socket } from 'node:net'
import { createFrameReader, readStartup, readStrings, type Frame, type Side } from './postgres-frames.ts'

/** One protocol message on its way through the proxy. */
export type ProxyMessage = {
  /** `frontend`: from the server under test to PostgreSQL; `backend`: back. */
  readonly from: Side
  /** The protocol's name: `Parse`, `Bind`, `DataRow`, … */
  readonly type: string
  readonly connection: number
  /** Startup parameters of the connection. */
  readonly startup: Readonly<Record<string, string>>
  /** Name of the prepared statement at work on this connection, or its text where it has no name. */
  readonly statement: string
}

/** What becomes of a message: `cut` ends the connection at this point, both ways, and nothing behind it passes. */
export type Passage = 'forward' | 'cut'

/** Called for every message, in order, synchronously: between `before` and `after` of a message nothing else moves. */
export type ProxyHook = {
  before?(message: ProxyMessage): Passage
  after?(message: ProxyMessage): Passage
}

export type PostgresProxy = {
  readonly port: number
  /** Replaces the hook; undefined forwards everything. */
  watch(hook: ProxyHook | undefined): void
  /** Holds all messages of all connections back until {@link cutAll}: what the frozen process says is never heard. */
  freeze(): void
  /** Ends every connection and, after a freeze, lets new ones pass. */
  cutAll(): void
  stop(): Promise<void>
}

type Link = { cut(): void }

/** A TCP proxy that knows where one message ends and the next begins, so that a process can be killed at each of them.
 * Encryption is refused ('N'), as a PostgreSQL without a certificate does, because it would hide the messages.
 * @param target the real PostgreSQL */
export async function startPostgresProxy(target: {
  readonly host: string
  readonly port: number
}): Promise<PostgresProxy> {
  let hook: ProxyHook | undefined
  let isFrozen = false
  let connections = 0
  const links = new Set<Link>()

  const server = createServer({ noDelay: true }, (client) => {
    connections += 1
    const link = createLink(client, connect({ ...target, noDelay: true }), connections)
    links.add(link)
    client.once('close', () => links.delete(link))
  })

  function createLink(client: Socket, upstream: Socket, id: number): Link {
    const session: Session = { startup: {}, statement: '', named: new Map() }
    let isCut = false

    function cut(): void {
      if (isCut) return
      isCut = true
      // `end`, not `destroy`: what was forwarded must reach PostgreSQL whole, as the bytes of a killed process do.
      upstream.end()
      client.destroy()
    }

    function pass(from: Side, frame: Frame, to: Socket): void {
      note(session, from, frame)
      const { startup, statement } = session
      const message = { from, type: frame.type, connection: id, startup, statement }
      if (hook?.before?.(message) === 'cut') return cut()
      to.write(frame.bytes)
      if (hook?.after?.(message) === 'cut') cut()
    }

    function carry(from: Side, source: Socket, to: Socket): void {
      const reader = createFrameReader(from)
      source.on('data', (chunk: Buffer) => {
        if (isCut) return
        for (const frame of reader.push(chunk)) {
          if (isCut || isFrozen) return // What a frozen process says is lost, as it is with the process.
          if (frame.type === 'SSLRequest' || frame.type === 'GSSENCRequest') source.write('N')
          else pass(from, frame, to)
        }
      })
      source.on('error', () => {}) // A killed peer resets; the close that follows is what counts.
      source.on('close', () => to.end())
    }

    carry('frontend', client, upstream)
    carry('backend', upstream, client)
    return { cut }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')

  const cutAll = (): void => {
    for (const link of links) link.cut()
    links.clear()
    isFrozen = false
  }
  return {
    port: address.port,
    watch: (next) => {
      hook = next
    },
    freeze: () => {
      isFrozen = true
    },
    cutAll,
    async stop() {
      cutAll()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
  }
}

type Session = { startup: Readonly<Record<string, string>>; statement: string; readonly named: Map<string, string> }

/** Keeps up with which statement a connection works on. */
function note(session: Session, from: Side, frame: Frame): void {
  if (from === 'backend') return
  if (frame.type === 'StartupMessage') session.startup = readStartup(frame.body)
  else if (frame.type === 'Query') session.statement = readStrings(frame.body, 1)[0] ?? ''
  else if (frame.type === 'Parse') {
    const [name = '', text = ''] = readStrings(frame.body, 2)
    session.statement = name || text
    session.named.set(name, session.statement)
  } else if (frame.type === 'Bind') {
    const [, name = ''] = readStrings(frame.body, 2)
    session.statement = session.named.get(name) ?? name
  }
}
