import pg from 'pg'
import type { Queryable } from '../platform/database.ts'
import type { Logger } from '../platform/logger.ts'
import type { Service } from '../platform/service.ts'
import { EVENTS_AFTER, ROOMS_AHEAD, WANT_ROOMS } from './realtime.queries.ts'
import type { ToldEvent } from './realtime.schema.ts'

/** How long a room may have gone on without our knowing, where a notification was lost. */
const LOOK_EVERY_MS = 1_000
/** Well within the ten minutes for which a wanted room is kept. */
const WANT_EVERY_MS = 60_000
const RECONNECT_MS = 1_000
const AT_ONCE = 500

/** Follows the rooms that clients of this process listen to. PostgreSQL is the bus: whoever tells a room commits rows,
 * and a notification says which room to read. Nothing depends on the notification arriving (a pooler swallows it, a
 * connection is lost): once a second everything followed is looked at in one statement. */
export type Follower = Service & {
  /** Hands every event of the room to `hear`, in order and once, beginning after `after`.
   * @param after the number of the last event known, or null for "from now on"
   * @returns where it begins, and how to stop */
  follow(
    room: string,
    after: number | null,
    hear: (event: ToldEvent) => void,
  ): Promise<{ readonly seq: number; stop(): void }>
  readonly rooms: number
}

type Listener = { seq: bigint; readonly hear: (event: ToldEvent) => void }

export function createFollower(deps: {
  readonly db: Queryable
  /** Not through a pooler, if there is another way. */
  readonly listenUrl: string
  readonly log: Logger
}): Follower {
  const { db, log } = deps
  const rooms = new Map<string, Set<Listener>>()
  const changed = new Set<string>()
  let client: pg.Client | undefined
  let timers: NodeJS.Timeout[] = []
  let reading: Promise<void> | undefined
  let isStopped = false

  /** The lowest number that every listener of the room has heard. */
  const heardBy = (listeners: ReadonlySet<Listener>): bigint =>
    [...listeners].reduce((low, one) => (one.seq < low ? one.seq : low), 2n ** 62n)

  function readSoon(): void {
    if (isStopped) return
    reading ??= read().finally(() => {
      reading = undefined
      if (changed.size > 0) readSoon()
    })
  }

  async function read(): Promise<void> {
    const asked = [...changed].filter((room) => rooms.has(room))
    changed.clear()
    if (asked.length === 0) return
    const from = asked.map((room) => heardBy(rooms.get(room) ?? new Set()))
    try {
      const events = await db.query(EVENTS_AFTER, [asked, from.map(String), AT_ONCE])
      const many = new Map<string, number>()
      for (const event of events) {
        many.set(event.room, (many.get(event.room) ?? 0) + 1)
        hand({ room: event.room, seq: Number(event.seq), type: event.type, data: event.data }, event.seq)
      }
      // As many as were asked for: there may be more.
      for (const [room, count] of many) if (count === AT_ONCE) changed.add(room)
    } catch (error) {
      // The look that comes within a second finds them again.
      log.warn({ err: error, rooms: asked.length }, 'live updates were not read')
    }
  }

  function hand(event: ToldEvent, seq: bigint): void {
    for (const listener of rooms.get(event.room) ?? []) {
      if (listener.seq >= seq) continue
      listener.seq = seq
      listener.hear(event)
    }
  }

  async function look(): Promise<void> {
    if (rooms.size === 0) return
    const asked = [...rooms.keys()]
    const ahead = await db.query(ROOMS_AHEAD, [
      asked,
      asked.map((room) => String(heardBy(rooms.get(room) ?? new Set()))),
    ])
    for (const { room } of ahead) changed.add(room)
    if (changed.size > 0) readSoon()
  }

  async function listen(): Promise<void> {
    const made = new pg.Client({ connectionString: deps.listenUrl, application_name: 'bureau live', keepAlive: true })
    made.on('notification', ({ payload }) => {
      if (payload === undefined || !rooms.has(payload)) return
      changed.add(payload)
      readSoon()
    })
    made.on('error', (error) => log.warn({ err: error }, 'live updates: the listening connection was lost'))
    made.on('end', () => {
      if (client === made) client = undefined
    })
    client = made
    try {
      await made.connect()
      await made.query('listen realtime')
    } catch (error) {
      if (client === made) client = undefined
      await made.end().catch(() => undefined)
      throw error
    }
  }

  const quietly = (work: () => Promise<unknown>, what: string) => (): void =>
    void work().catch((error: unknown) => log.warn({ err: error }, what))

  return {
    name: 'live update follower',
    get rooms() {
      return rooms.size
    },
    async start() {
      await listen()
      timers = [
        setInterval(quietly(look, 'live updates were not looked at'), LOOK_EVERY_MS),
        setInterval(
          quietly(() => (client === undefined ? listen() : Promise.resolve()), 'live updates: no listening connection'),
          RECONNECT_MS,
        ),
        setInterval(
          quietly(() => db.query(WANT_ROOMS, [[...rooms.keys()].toSorted()]), 'rooms were not wanted again'),
          WANT_EVERY_MS,
        ),
      ]
    },
    async follow(room, after, hear) {
      const [wanted] = await db.query(WANT_ROOMS, [[room]])
      const last = wanted?.seq ?? 0n
      const listener: Listener = { seq: after === null ? last : BigInt(after), hear }
      const listeners = rooms.get(room) ?? new Set()
      rooms.set(room, listeners.add(listener))
      changed.add(room)
      readSoon()
      return {
        seq: Number(listener.seq),
        stop() {
          listeners.delete(listener)
          if (listeners.size === 0 && rooms.get(room) === listeners) rooms.delete(room)
        },
      }
    },
    async stop() {
      if (isStopped) return
      isStopped = true
      for (const timer of timers) clearInterval(timer)
      await reading
      await client?.end().catch(() => undefined)
    },
  }
}
