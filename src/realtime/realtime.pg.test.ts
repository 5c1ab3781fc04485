import { createServer, type Server as HttpServer } from 'node:http'
import { promisify } from 'node:util'
import { io, type Socket } from 'socket.io-client'
import { beforeAll, expect, test } from 'vitest'
import { atEndOfFile } from '../../test/support/each-file.ts'
import { eventually } from '../../test/support/eventually.ts'
import { loadConfig } from '../platform/config.ts'
import { createLogger } from '../platform/logger.ts'
import { aPeopleSite, type PeopleSite, type Signed } from '../users/testing/people-site.ts'
import { broadcastDeploymentStatus } from './broadcast-deployment-status.ts'
import { createFollower, type Follower } from './follower.ts'
import { createPublisher, type Publisher } from './publisher.ts'
import { createRealtimeService, REALTIME_PATH } from './realtime-service.ts'
import { realtimeOptions } from './realtime.options.ts'
import { accountRoom, type ToldEvent } from './realtime.schema.ts'

const log = createLogger('silent')
const signal = AbortSignal.timeout(60_000)

let site: PeopleSite
let ada: Signed
let first: LiveProcess
let second: LiveProcess

type LiveProcess = {
  readonly url: string
  readonly publisher: Publisher
  readonly follower: Follower
  readonly service: { readonly sockets: number }
  readonly connections: () => Promise<number>
}

/** A process with sockets, on the site's database and beside others of it. */
async function aLiveProcess(
  env: Readonly<Record<string, string>> = {},
  slowly: () => Promise<void> = () => Promise.resolve(),
): Promise<LiveProcess> {
  const { db, url: listenUrl } = site.database
  const { realtime } = loadConfig({ realtime: realtimeOptions }, env)
  const server: HttpServer = createServer((_req, res) => void res.writeHead(404).end())
  const publisher = createPublisher({ db, log })
  const follower = createFollower({ db, listenUrl, log })
  const service = createRealtimeService({
    server,
    db,
    follower,
    publisher,
    log,
    config: realtime,
    siteUrl: undefined,
    processId: 'p1',
    sessions: {
      ...site.people.sessions,
      standing: (id) => slowly().then(() => site.people.sessions.standing(id)),
    },
  })
  await follower.start(signal)
  await service.start(signal)
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  atEndOfFile(async () => {
    await service.stop()
    await follower.stop()
    await publisher.stop()
    await new Promise((resolve) => server.close(resolve))
  })
  const connections = promisify(server.getConnections.bind(server))
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    publisher,
    follower,
    service,
    connections,
  }
}

async function tokenOf(signed: Signed): Promise<string> {
  const answer = await site.post('/api/tokens', { audience: 'realtime' }, { as: signed.token })
  return answer.json<{ token: string }>().token
}

type Client = { readonly socket: Socket; readonly heard: ToldEvent[] }

function connect(at: LiveProcess, auth: object, headers: Record<string, string> = {}): Promise<Client> {
  const socket = io(at.url, {
    path: REALTIME_PATH,
    transports: ['websocket'],
    auth,
    extraHeaders: headers,
    forceNew: true,
    reconnection: false,
  })
  atEndOfFile(async () => void socket.disconnect())
  const heard: ToldEvent[] = []
  socket.on('event', (event: ToldEvent) => heard.push(event))
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve({ socket, heard }))
    socket.once('connect_error', reject)
  })
}

const signedSocket = async (at: LiveProcess, signed: Signed = ada): Promise<Client> =>
  connect(at, { token: await tokenOf(signed) })

type Ack = { ok: boolean; seq: number; isComplete: boolean; code?: string }

async function subscribe({ socket }: Client, room: string, lastSeq?: number): Promise<Ack> {
  const ack: unknown = await socket
    .timeout(5_000)
    .emitWithAck('subscribe', { room, ...(lastSeq !== undefined && { lastSeq }) })
  const { ok, seq, isComplete, code }: Partial<Ack> = typeof ack === 'object' && ack !== null ? ack : {}
  return { ok: ok === true, seq: seq ?? -1, isComplete: isComplete === true, ...(code !== undefined && { code }) }
}

const deployed = (accountId: string, status: string) =>
  broadcastDeploymentStatus(
    { db: site.database.db },
    { accountId, deploymentId: 'd1', agentId: 'a1', version: 1, status, step: null, code: null },
  )
const statuses = ({ heard }: Client): unknown[] =>
  heard.map(({ data }) => (typeof data === 'object' && data !== null && 'status' in data ? data.status : null))

beforeAll(async () => {
  site = await aPeopleSite()
  const person = await site.aPerson()
  ada = await site.signIn(person)
  first = await aLiveProcess()
  second = await aLiveProcess()
})

test('what one process tells a room is heard at every process, in order and once', async () => {
  const room = accountRoom(ada.accountId)
  const clients = [await signedSocket(first), await signedSocket(second)]
  for (const client of clients) expect(await subscribe(client, room)).toMatchObject({ ok: true, isComplete: true })
  const told = Array.from({ length: 40 }, (_, i) => `s${i}`)
  for (const status of told) await deployed(ada.accountId, status)
  for (const client of clients) {
    await eventually(() => expect(statuses(client)).toEqual(told), { withinMs: 5_000 })
    const seqs = client.heard.map(({ seq }) => seq)
    expect(seqs).toEqual(seqs.map((_, i) => (seqs[0] ?? 0) + i))
    expect(client.heard[0]?.type).toBe('deployment:status')
  }
})

test('who was away is told what it missed, and that it cannot be told where it is no longer kept', async () => {
  const room = accountRoom(ada.accountId)
  const before = await signedSocket(first)
  const { seq } = await subscribe(before, room)
  before.socket.disconnect()
  await deployed(ada.accountId, 'missed 1')
  await deployed(ada.accountId, 'missed 2')
  const back = await signedSocket(second)
  expect(await subscribe(back, room, seq)).toMatchObject({ ok: true, isComplete: true, seq })
  await eventually(() => expect(statuses(back)).toEqual(['missed 1', 'missed 2']), { withinMs: 5_000 })

  await site.database.db.pool.query(`delete from "RealtimeEvent" where room = $1 and seq <= $2`, [room, seq + 1])
  const late = await signedSocket(first)
  expect(await subscribe(late, room, seq)).toMatchObject({ ok: true, isComplete: false, seq: seq + 2 })
  expect(await subscribe(late, room, seq + 1_000)).toMatchObject({ ok: true, isComplete: false })
})

test('events of a transaction that rolls back are never heard, and leave no gap', async () => {
  const client = await signedSocket(first)
  const { seq } = await subscribe(client, accountRoom(ada.accountId))
  await site.database.db
    .transaction(async (tx) => {
      await broadcastDeploymentStatus(
        { db: tx },
        {
          accountId: ada.accountId,
          deploymentId: 'd1',
          agentId: 'a1',
          version: 1,
          status: 'undone',
          step: null,
          code: null,
        },
      )
      throw new Error('rolled back')
    })
    .catch(() => undefined)
  await deployed(ada.accountId, 'done')
  await eventually(() => expect(statuses(client)).toEqual(['done']), { withinMs: 5_000 })
  expect(client.heard[0]?.seq).toBe(seq + 1)
})

test('a hundred runs of one account move its balance once for those who watch', async () => {
  const client = await signedSocket(first)
  await subscribe(client, accountRoom(ada.accountId))
  const room = accountRoom(ada.accountId)
  for (let i = 0; i < 100; i++) {
    second.publisher.announce({ room, type: 'balance:changed', data: { because: 'run' } })
    second.publisher.announce({
      room,
      type: 'run:updated',
      data: { runId: `r${i}`, agentId: 'a', status: 'succeeded', code: null, charge: '1' },
    })
  }
  await eventually(() => expect(client.heard.filter(({ type }) => type === 'run:updated')).toHaveLength(100), {
    withinMs: 5_000,
  })
  expect(client.heard.filter(({ type }) => type === 'balance:changed')).toHaveLength(1)
})

test('nobody hears the room of another account or of the site, nor gets in without a token for it', async () => {
  const other = await site.signIn(await site.aPerson('Bob'))
  const client = await signedSocket(first, other)
  expect(await subscribe(client, accountRoom(ada.accountId))).toMatchObject({
    ok: false,
    code: 'REALTIME_ROOM_REFUSED',
  })
  expect(await subscribe(client, 'site')).toMatchObject({ ok: false, code: 'REALTIME_ROOM_REFUSED' })
  expect(await subscribe(client, '')).toMatchObject({ ok: false })
  await deployed(ada.accountId, 'secret')
  await deployed(other.accountId, 'own')
  expect(await subscribe(client, accountRoom(other.accountId))).toMatchObject({ ok: true })
  await expect(connect(first, {})).rejects.toThrow('REALTIME_TOKEN_REQUIRED')
  await expect(connect(first, { token: 'x' })).rejects.toThrow('TOKEN_INVALID')
  const forApi = await site.post('/api/tokens', { audience: 'api' }, { as: ada.token })
  await expect(connect(first, { token: forApi.json<{ token: string }>().token })).rejects.toThrow('TOKEN_INVALID')
  expect(client.heard).toEqual([])
})

test('a page of another site opens no socket, also with a token', async () => {
  const token = await tokenOf(ada)
  await expect(connect(first, { token }, { origin: 'https://evil.example' })).rejects.toThrow()
  await expect(connect(first, { token }, { origin: 'null' })).rejects.toThrow()
  expect((await connect(first, { token }, { origin: first.url })).socket.connected).toBe(true)
})

test('a socket is closed when its session ends', async () => {
  const person = await site.aPerson('Carol')
  const [mine, theirs] = [await site.signIn(person), await site.signIn(person)]
  const client = await signedSocket(first, theirs)
  await site.send('DELETE', `/api/sessions/${theirs.sessionId}`, { as: mine.token })
  await eventually(() => expect(client.socket.connected).toBe(false), { withinMs: 3_000 })
})

test('a person has at most so many sockets, and gets one again when another is closed', async () => {
  const person = await site.signIn(await site.aPerson('Dan'))
  const small = await aLiveProcess({ BUREAU_REALTIME_SOCKETS_PER_USER: '2' })
  const [one] = [await signedSocket(small, person), await signedSocket(small, person)]
  await expect(signedSocket(small, person)).rejects.toThrow('REALTIME_TOO_MANY')
  one?.socket.disconnect()
  await eventually(async () => expect((await signedSocket(small, person)).socket.connected).toBe(true), {
    withinMs: 5_000,
  })
})

test('a room that is asked for many times at once is heard once, and nothing of it is left when the socket goes', async () => {
  const alone = await aLiveProcess()
  const client = await signedSocket(alone)
  const room = accountRoom(ada.accountId)
  const acks = await Promise.all(Array.from({ length: 8 }, () => subscribe(client, room)))
  expect(acks.filter(({ ok }) => ok)).toHaveLength(1)
  await deployed(ada.accountId, 'only once')
  await eventually(() => expect(statuses(client)).toContain('only once'), { withinMs: 5_000 })
  await deployed(ada.accountId, 'and after it')
  await eventually(() => expect(statuses(client)).toEqual(['only once', 'and after it']), { withinMs: 5_000 })
  client.socket.disconnect()
  await eventually(() => expect([alone.service.sockets, alone.follower.rooms]).toEqual([0, 0]), { withinMs: 5_000 })
})

test('a page that is left while its socket is let in leaves no place taken', async () => {
  const isLetIn = Promise.withResolvers<void>()
  let asked = 0
  const alone = await aLiveProcess({}, () => {
    asked += 1
    return isLetIn.promise
  })
  const token = await tokenOf(ada)
  await Promise.all([comeAndGo(alone.url, token), comeAndGo(alone.url, token)])
  expect(asked).toBe(2)
  await eventually(async () => expect(await alone.connections()).toBe(0), { withinMs: 5_000 })
  isLetIn.resolve()
  const another = await signedSocket(alone, await site.signIn(await site.aPerson()))
  await eventually(() => expect(alone.service.sockets).toBe(1), { withinMs: 5_000 })
  another.socket.disconnect()
  await eventually(() => expect(alone.service.sockets).toBe(0), { withinMs: 5_000 })
})

/** A client that asks to be let in, and closes before it hears anything of it. */
function comeAndGo(url: string, token: string): Promise<unknown> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${REALTIME_PATH}/?EIO=4&transport=websocket`)
  socket.addEventListener('message', () => {
    socket.send(`40${JSON.stringify({ token })}`)
    socket.close()
  })
  return new Promise((resolve) => socket.addEventListener('close', resolve))
}
