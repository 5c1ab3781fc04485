import type { IncomingMessage, Server as HttpServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { Server, type Socket } from 'socket.io'
import type { Queryable } from '../platform/database.ts'
import type { Parsed } from '../platform/config.ts'
import { EnhancedAppError } from '../platform/errors.ts'
import type { Logger } from '../platform/logger.ts'
import type { Service } from '../platform/service.ts'
import type { Principal } from '../users/index.ts'
import type { Follower } from './follower.ts'
import { isOwnOrigin } from '../http/index.ts'
import type { Publisher } from './publisher.ts'
import { realtimeErrors } from './realtime.errors.ts'
import type { realtimeOptions } from './realtime.options.ts'
import { OLDEST_KEPT } from './realtime.queries.ts'
import { accountRoom, SITE_ROOM, subscription, type ToldEvent } from './realtime.schema.ts'

export const REALTIME_PATH = '/api/realtime'

/** A socket lives by its session: one that was revoked or ran out is closed within a second and a bit. */
const SESSION_EVERY_MS = 500
const ROOMS_PER_SOCKET = 10
/** What a client may say is one small subscription. */
const MOST_BYTES = 4_096
/** A reader that is so far behind is closed; it comes back with the last number it saw and misses nothing. */
const MOST_BUFFERED_BYTES = 1_000_000

export type RealtimeDeps = {
  readonly server: HttpServer
  readonly db: Queryable
  readonly follower: Follower
  readonly publisher: Publisher
  readonly log: Logger
  readonly config: Parsed<typeof realtimeOptions>
  /** BUREAU_URL, where it is set: the only origin whose pages may open a socket. */
  readonly siteUrl: string | undefined
  readonly processId: string
  /** Without them there are no such rooms. */
  readonly runs?: OwnedRooms
  /** Tokens of the audience `realtime`, and the sessions behind them. */
  readonly sessions: {
    sessionOfSocket(token: string): string
    standing(sessionId: string): Principal | Promise<Principal>
  }
}

/** Rooms that somebody else keeps and numbers: those of runs. The room's name is `run:<id>`, its numbers are the run's own,
 * and it is open to who may read the run. */
export type OwnedRooms = {
  follow(
    principal: Principal,
    id: string,
    after: number,
    tell: (event: Omit<ToldEvent, 'room'>) => Promise<void>,
  ): Promise<{ stop(): void }>
}

/** Who is at the other end. */
type Peer = { readonly principal: Principal; readonly sessionId: string }

type Listening = { readonly stop: () => void }

/** What is heard of a room from then on. */
type Told = Listening & { readonly seq: number; readonly isComplete: boolean }

const RUN_ROOM = 'run:'
/** So much of a run lies in a socket at most; then its reader has to take some first. */
const MOST_AHEAD_BYTES = 262_144
const LOOK_IF_TAKEN_MS = 20

/** Live updates for pages, by Socket.IO over WebSocket alone: `subscribe {room, lastSeq}` is answered with
 * `{ ok, seq, isComplete }`, and from then on `event` carries `{ room, seq, type, data }`. A client that comes back with
 * `lastSeq` is told what it missed; where that is no longer kept, `isComplete` is false and it asks the API anew. The room
 * `run:<id>` tells the events of one run, by the run's own numbers.
 * SECURITY: no cookie opens a socket (a foreign page could send it); a token of one minute does, and the page's origin
 * is checked besides. Rooms are decided here by who asks, never by the name alone. */
export function createRealtimeService(deps: RealtimeDeps): Service & { readonly sockets: number } {
  const { log, config, follower, publisher } = deps
  const byPerson = new Map<string, Set<Socket>>()
  const peers = new Map<Socket, Peer>()
  let io: Server | undefined
  let timer: NodeJS.Timeout | undefined
  let told = ''

  function refuseEarly(req: IncomingMessage, answer: (message: string | null, ok: boolean) => void): void {
    const isFull = peers.size >= config.maxSockets
    const isForeign = !isOwnOrigin(req.headers.origin, req.headers.host, deps.siteUrl)
    answer(isForeign ? 'origin' : isFull ? 'full' : null, !isForeign && !isFull)
  }

  async function admit(socket: Socket): Promise<void> {
    const token: unknown = socket.handshake.auth['token']
    if (typeof token !== 'string') throw realtimeErrors.REALTIME_TOKEN_REQUIRED()
    const sessionId = deps.sessions.sessionOfSocket(token)
    const principal = await deps.sessions.standing(sessionId)
    const sockets = byPerson.get(principal.id) ?? new Set()
    if (sockets.size >= config.socketsPerUser) throw realtimeErrors.REALTIME_TOO_MANY({ most: config.socketsPerUser })
    // Closed while it was let in: nothing will tell of its end any more.
    if (socket.conn.readyState !== 'open') return
    byPerson.set(principal.id, sockets.add(socket))
    peers.set(socket, { principal, sessionId })
    // Not `disconnect`, which a socket that never came to be served does not tell.
    socket.conn.once('close', () => forget(socket))
  }

  function forget(socket: Socket): void {
    const peer = peers.get(socket)
    peers.delete(socket)
    if (peer === undefined) return
    const sockets = byPerson.get(peer.principal.id)
    sockets?.delete(socket)
    if (sockets?.size === 0) byPerson.delete(peer.principal.id)
  }

  function serve(socket: Socket): void {
    const listening = new Map<string, Listening>()
    socket.on('subscribe', (order: unknown, ack: unknown) => {
      const answer = (value: object): void => void (typeof ack === 'function' && ack(value))
      subscribe(socket, listening, order).then(answer, (error: unknown) => {
        if (!(error instanceof EnhancedAppError)) log.warn({ err: error }, 'a live subscription failed')
        const known = error instanceof EnhancedAppError ? error : null
        answer({ ok: false, code: known?.code ?? 'INTERNAL', fix: known?.fix ?? 'Try again.' })
      })
    })
    socket.once('disconnect', () => {
      for (const one of listening.values()) one.stop()
      listening.clear()
      forget(socket)
    })
  }

  async function subscribe(socket: Socket, listening: Map<string, Listening>, order: unknown): Promise<object> {
    const parsed = subscription.safeParse(order)
    if (!parsed.success) throw realtimeErrors.REALTIME_REQUEST_INVALID({}, { cause: parsed.error })
    const { room, lastSeq } = parsed.data
    const peer = peers.get(socket)
    const isOfRun = deps.runs !== undefined && room.startsWith(RUN_ROOM)
    // Who may read a run is decided where runs are.
    if (peer === undefined || (!isOfRun && !mayHear(peer.principal, room))) throw realtimeErrors.REALTIME_ROOM_REFUSED()
    if (!listening.has(room) && listening.size >= ROOMS_PER_SOCKET)
      throw realtimeErrors.REALTIME_TOO_MANY({ most: ROOMS_PER_SOCKET })
    listening.get(room)?.stop()
    // Its place is taken before anything is waited for: many orders at once must not each find it free.
    const place: Listening = { stop: () => undefined }
    listening.set(room, place)
    try {
      const told = isOfRun
        ? await followRun(socket, peer.principal, room, lastSeq ?? 0)
        : await followRoom(socket, room, lastSeq)
      if (listening.get(room) !== place) {
        // Asked for again meanwhile, or the socket is gone: the later one counts.
        told.stop()
        return { ok: false, code: 'GONE' }
      }
      listening.set(room, told)
      return { ok: true, seq: told.seq, isComplete: told.isComplete }
    } catch (error) {
      if (listening.get(room) === place) listening.delete(room)
      throw error
    }
  }

  async function followRoom(socket: Socket, room: string, lastSeq: number | undefined): Promise<Told> {
    const isComplete = lastSeq === undefined || (await isStillKept(room, lastSeq))
    const followed = await follower.follow(room, isComplete ? (lastSeq ?? null) : null, (event) => tell(socket, event))
    return { seq: followed.seq, isComplete, stop: () => followed.stop() }
  }

  /** Nothing of a run's events goes before the run's content does, so what is told is always complete. */
  async function followRun(socket: Socket, principal: Principal, room: string, after: number): Promise<Told> {
    const followed = await deps.runs?.follow(principal, room.slice(RUN_ROOM.length), after, async (event) => {
      socket.emit('event', { room, ...event })
      await untilTaken(socket)
    })
    if (followed === undefined) throw realtimeErrors.REALTIME_ROOM_REFUSED()
    return { seq: after, isComplete: true, stop: () => followed.stop() }
  }

  /** Whether everything after this number can still be told. */
  async function isStillKept(room: string, lastSeq: number): Promise<boolean> {
    const now = await follower.follow(room, null, () => undefined)
    now.stop()
    if (lastSeq === now.seq) return true
    if (lastSeq > now.seq) return false
    const [oldest] = await deps.db.query(OLDEST_KEPT, [room])
    return oldest !== undefined && oldest.seq !== null && Number(oldest.seq) <= lastSeq
  }

  function tell(socket: Socket, event: ToldEvent): void {
    if (bufferedBytes(socket) > MOST_BUFFERED_BYTES) {
      log.info({ room: event.room }, 'a live reader was too slow')
      socket.disconnect(true)
      return
    }
    socket.emit('event', event)
  }

  /** Closes what has no session any more, and tells admins who is here when that has changed. */
  function look(): void {
    for (const [socket, peer] of peers) void closeUnlessStanding(socket, peer)
    const data = { process: deps.processId, sockets: peers.size, people: byPerson.size }
    if (told === JSON.stringify(data)) return
    told = JSON.stringify(data)
    publisher.announce({ room: SITE_ROOM, type: 'activity:changed', data })
  }

  async function closeUnlessStanding(socket: Socket, { principal, sessionId }: Peer): Promise<void> {
    try {
      const now = await deps.sessions.standing(sessionId)
      if (now.accountId === principal.accountId && now.isAdmin === principal.isAdmin) return
    } catch (error) {
      // The database does not answer: the next look decides. Any other word is a refusal.
      if (error instanceof EnhancedAppError && error.code === 'DEPENDENCY_UNAVAILABLE') return
    }
    // Also for another account or role: the page asks for a new token and comes back as who it is now.
    socket.emit('ended')
    socket.disconnect(true)
  }

  return {
    name: 'live sockets',
    get sockets() {
      return peers.size
    },
    start() {
      if (config.maxSockets === 0) return Promise.resolve()
      io = new Server(deps.server, {
        path: REALTIME_PATH,
        transports: ['websocket'],
        serveClient: false,
        allowUpgrades: false,
        maxHttpBufferSize: MOST_BYTES,
        allowRequest: refuseEarly,
        // Other upgrades on this server belong to others.
        destroyUpgrade: false,
        connectTimeout: 5_000,
        pingInterval: 20_000,
        pingTimeout: 10_000,
      })
      io.use((socket, next) => {
        admit(socket).then(
          () => next(),
          (error: unknown) => {
            const known = error instanceof EnhancedAppError ? error : null
            if (known === null) log.warn({ err: error }, 'a live socket was not admitted')
            next(Object.assign(new Error(known?.code ?? 'INTERNAL'), { data: { fix: known?.fix } }))
          },
        )
      })
      io.on('connection', serve)
      timer = setInterval(look, SESSION_EVERY_MS)
      return Promise.resolve()
    },
    async stop() {
      clearInterval(timer)
      if (io === undefined) return
      const closing = io
      io = undefined
      closing.disconnectSockets(true)
      // The HTTP server is not ours to close.
      closing.engine.close()
      await Promise.resolve()
    },
  }
}

/** An account's own events; those of the whole site for its admins. */
function mayHear(principal: Principal, room: string): boolean {
  if (room === SITE_ROOM) return principal.isAdmin
  return room === accountRoom(principal.accountId) && principal.permissions.has('runs.read')
}

/** @throws Error once the socket is gone */
async function untilTaken(socket: Socket): Promise<void> {
  while (bufferedBytes(socket) > MOST_AHEAD_BYTES && socket.connected) await pause(LOOK_IF_TAKEN_MS)
  if (!socket.connected) throw new Error('the reader is gone')
}

/** Bytes that the kernel has not taken yet. */
function bufferedBytes(socket: Socket): number {
  const transport: unknown = socket.conn.transport
  if (typeof transport !== 'object' || transport === null || !('socket' in transport)) return 0
  const { socket: web } = transport
  if (typeof web !== 'object' || web === null || !('bufferedAmount' in web)) return 0
  return Number(web.bufferedAmount)
}
