import { createServer } from 'node:http'
import { io, type Socket } from 'socket.io-client'
import { beforeAll, expect, test } from 'vitest'
import { atEndOfFile } from '../../../test/support/each-file.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { anAdmission, aRunLedger, aSuccess } from '../../../test/support/run-ledger.ts'
import { grantCredits } from '../../credits/index.ts'
import { loadConfig } from '../../platform/config.ts'
import { newUuidV7 } from '../../platform/ids.ts'
import { createLogger } from '../../platform/logger.ts'
import {
  createFollower,
  createPublisher,
  createRealtimeService,
  realtimeOptions,
  type ToldEvent,
} from '../../realtime/index.ts'
import { aPeopleSite, type PeopleSite, type Signed } from '../../users/testing/people-site.ts'
import { createFindWaiting } from '../find-waiting.ts'
import type { RunLedger } from '../run-ledger.ts'
import { CLAIM } from '../runs.queries.ts'
import { createRunEvents, type RunEvents } from './record-events.ts'
import { createRunRooms } from './run-rooms.ts'
import { createRunWatch, type RunWatch } from './watch-runs.ts'

const log = createLogger('silent')
const signal = AbortSignal.timeout(60_000)

let site: PeopleSite
let ada: Signed
let ledger: RunLedger
let events: RunEvents
let watch: RunWatch
let url: string

beforeAll(async () => {
  site = await aPeopleSite()
  ada = await site.signIn(await site.aPerson())
  const { db, url: listenUrl } = site.database
  await grantCredits({ db }, { accountId: ada.accountId, amountMicro: 1_000n })
  ledger = await aRunLedger(listenUrl)
  events = createRunEvents({ db, log, ownerId: ledger.ownerId })
  const waiting = createFindWaiting({ db, runsPerAccount: 24, slots: () => 32 })
  watch = createRunWatch({ db, log, events, waiting })
  const server = createServer((_req, res) => void res.writeHead(404).end())
  const publisher = createPublisher({ db, log })
  const follower = createFollower({ db, listenUrl, log })
  const service = createRealtimeService({
    server,
    db,
    follower,
    publisher,
    log,
    config: loadConfig({ realtime: realtimeOptions }, {}).realtime,
    siteUrl: undefined,
    processId: 'p1',
    sessions: site.people.sessions,
    runs: createRunRooms({ db, watch }),
  })
  for (const one of [events, watch, follower, service]) await one.start(signal)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  atEndOfFile(async () => {
    for (const one of [service, follower, publisher, watch, events]) await one.stop()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
})

type Client = { readonly socket: Socket; readonly heard: ToldEvent[] }

async function connect(signed: Signed): Promise<Client> {
  const answer = await site.post('/api/tokens', { audience: 'realtime' }, { as: signed.token })
  const auth = answer.json<{ token: string }>()
  const socket = io(url, {
    path: '/api/realtime',
    transports: ['websocket'],
    auth,
    forceNew: true,
    reconnection: false,
  })
  atEndOfFile(async () => void socket.disconnect())
  const heard: ToldEvent[] = []
  socket.on('event', (event: ToldEvent) => heard.push(event))
  await new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(null))
    socket.once('connect_error', reject)
  })
  return { socket, heard }
}

const subscribe = ({ socket }: Client, room: string, lastSeq?: number): Promise<unknown> =>
  socket.timeout(5_000).emitWithAck('subscribe', { room, ...(lastSeq !== undefined && { lastSeq }) })

/** Numbered events, without what is only true at the moment. */
const told = ({ heard }: Client): string[] =>
  heard.filter(({ type }) => type !== 'run.waiting').map(({ seq, type }) => `${seq} ${type}`)

test('a run is told over a socket by its own numbers, from any of them, to its end, and to who may read it alone', async () => {
  const order = { ...anAdmission(ada.accountId), isFresh: false, isIdempotent: false }
  await ledger.enqueue(order)
  const room = `run:${order.runId}`
  const first = await connect(ada)
  expect(await subscribe(first, room)).toEqual({ ok: true, seq: 0, isComplete: true })
  await eventually(() => expect(told(first)).toEqual(['1 run.queued']), { withinMs: 5_000 })

  await site.database.db.query(CLAIM, [ledger.ownerId, '', 1, 24])
  const recorder = events.record({ accountId: ada.accountId, runId: order.runId }, { after: 1, isLive: true })
  recorder.add('run.started', '{}')
  recorder.add('run.log', '{"atMs":1,"level":"info","message":"an agent\\u2019s own words"}')
  for (let n = 0; n < 300; n += 1) recorder.add('run.chunk', `{"data":{"n":${n},"pad":"${'x'.repeat(2_000)}"}}`)
  await recorder.flush()
  await eventually(() => expect(told(first)).toHaveLength(303), { withinMs: 10_000 })
  expect(first.heard.find(({ type }) => type === 'run.log')).toMatchObject({
    room,
    data: { level: 'info', message: 'an agent’s own words' },
  })
  first.socket.disconnect()

  recorder.add('run.progress', '{"fraction":1,"message":"done"}')
  await recorder.flush()
  recorder.close()
  await ledger.settle(aSuccess(order))
  watch.ended(order.runId)

  const second = await connect(ada)
  await subscribe(second, room, 302)
  await eventually(() => expect(told(second)).toEqual(['303 run.chunk', '304 run.progress', '305 run.settled']), {
    withinMs: 10_000,
  })
  expect(await subscribe(second, room, 305)).toMatchObject({ ok: true })
  expect(await subscribe(second, room, 999)).toMatchObject({ ok: false, code: 'EVENT_ID_INVALID' })

  const stranger = await connect(await site.signIn(await site.aPerson()))
  for (const wanted of [room, 'run:nothing', `run:${newUuidV7()}`])
    expect(await subscribe(stranger, wanted)).toMatchObject({ ok: false, code: 'RUN_NOT_FOUND' })
  expect(stranger.heard).toEqual([])
  await eventually(() => expect(watch.streams).toBe(0), { withinMs: 5_000 })
})

test('of many runs that are watched at once so many are told as a socket may have, and all end with it', async () => {
  const client = await connect(ada)
  const orders = Array.from({ length: 14 }, () => ({
    ...anAdmission(ada.accountId),
    isFresh: false,
    isIdempotent: false,
  }))
  for (const order of orders) await ledger.enqueue(order)
  const acks = await Promise.all(orders.map((order) => subscribe(client, `run:${order.runId}`)))
  expect(acks.filter((ack) => JSON.stringify(ack).includes('REALTIME_TOO_MANY'))).toHaveLength(4)
  expect(watch.streams).toBe(10)
  client.socket.disconnect()
  await eventually(() => expect(watch.streams).toBe(0), { withinMs: 5_000 })
})
