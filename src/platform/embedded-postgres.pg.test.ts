import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile, chown } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { createEmbeddedPostgres, DataDirectoryInUseError, type EmbeddedPostgres } from './embedded-postgres.ts'
import { createLogger } from './logger.ts'

const FIXTURE = join(import.meta.dirname, '../../test/support/fixtures/serve-postgres.ts')
const NOBODY = 65_534
const isRoot = process.getuid?.() === 0
const log = createLogger('silent')
const soon = (): AbortSignal => AbortSignal.timeout(60_000)

let parent: string
let dataDir: string
const servers: EmbeddedPostgres[] = []
const children: ChildProcess[] = []

beforeEach(async () => {
  // Not below os.tmpdir(): where that is private to root, each test would be the one about private directories.
  parent = await mkdtemp('/tmp/bureau-pg-')
  await chmod(parent, 0o755)
  dataDir = join(parent, 'data', 'postgres')
})

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  // The last server may still be leaving after a kill.
  await eventually(() => rm(parent, { recursive: true }), { withinMs: 10_000 })
})

function aServer(): EmbeddedPostgres {
  const server = createEmbeddedPostgres({ dataDir, log })
  servers.push(server)
  return server
}

async function aServingProcess(as?: number): Promise<{ child: ChildProcess; url: string }> {
  const identity = as === undefined ? {} : { uid: as, gid: as }
  const child = spawn(process.execPath, [FIXTURE, dataDir], { stdio: ['ignore', 'pipe', 'pipe'], ...identity })
  children.push(child)
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  let url = ''
  child.stdout?.on('data', (chunk: Buffer) => (url += chunk.toString()))
  await eventually(
    () => {
      if (!url.endsWith('\n')) throw new Error(`the server did not start: ${said}`)
    },
    { withinMs: 20_000 },
  )
  return { child, url: url.trim() }
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat()
  } finally {
    await client.end()
  }
}

const postmasterOf = async (): Promise<number> =>
  Number((await readFile(join(dataDir, 'cluster', 'postmaster.pid'), 'utf8')).split('\n', 1)[0])

test('what was written is there after the next start, under the same address', async () => {
  const first = aServer()
  await first.start(soon())
  await ask(first.url(), 'create table kept as select 1 as n')
  await first.stop()
  const second = aServer()
  await second.start(soon())
  expect(second.url()).toBe(first.url())
  expect(await ask(second.url(), 'select n from kept')).toEqual([1])
})

test('text is UTF-8, commits are flushed and pages carry checksums', async () => {
  const server = aServer()
  await server.start(soon())
  const settings = ['server_encoding', 'fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums']
  expect(await Promise.all(settings.map((name) => ask(server.url(), `show ${name}`)))).toEqual([
    ['UTF8'],
    ['on'],
    ['on'],
    ['on'],
    ['on'],
  ])
  expect(await ask(server.url(), `select upper('grün')`)).toEqual(['GRÜN'])
})

test('only who knows the password gets in, and only from this machine', async () => {
  const server = aServer()
  await server.start(soon())
  const url = new URL(server.url())
  expect((await stat(join(dataDir, 'password'))).mode & 0o777).toBe(0o600)
  expect(await ask(server.url(), 'show listen_addresses')).toEqual(['127.0.0.1'])
  url.password = 'guess'
  await expect(ask(url.href, 'select 1')).rejects.toThrow('password authentication failed')
})

test('kill -9 of our process takes the server along, and the next start finds everything', async () => {
  const { child, url } = await aServingProcess()
  await ask(url, 'create table kept as select 1 as n')
  child.kill('SIGKILL')
  await once(child, 'exit')
  const server = aServer()
  await server.start(soon())
  expect(await ask(server.url(), 'select n from kept')).toEqual([1])
})

test('kill -9 of the server alone: it is back within seconds, under the same address', async () => {
  const server = aServer()
  await server.start(soon())
  await ask(server.url(), 'create table kept as select 1 as n')
  process.kill(await postmasterOf(), 'SIGKILL')
  expect(await eventually(() => ask(server.url(), 'select n from kept'), { withinMs: 15_000 })).toEqual([1])
})

test('kill -9 of both at once: the next start recovers', async () => {
  const { child, url } = await aServingProcess()
  await ask(url, 'create table kept as select 1 as n')
  process.kill(await postmasterOf(), 'SIGKILL')
  child.kill('SIGKILL')
  await once(child, 'exit')
  const server = aServer()
  await server.start(soon())
  expect(await ask(server.url(), 'select n from kept')).toEqual([1])
})

test('a pid file that names some other process by now does not stop the start', async () => {
  const first = aServer()
  await first.start(soon())
  await first.stop()
  // One of the server's own account: of another's PostgreSQL itself would not be afraid.
  const stranger = spawn('sleep', ['60'], isRoot ? { uid: NOBODY } : {})
  children.push(stranger)
  await writeFile(join(dataDir, 'cluster', 'postmaster.pid'), `${stranger.pid}\n${dataDir}/cluster\n1\n1\n\n\n\n`)
  const second = aServer()
  await second.start(soon())
  expect(await ask(second.url(), 'select 1')).toEqual([1])
})

test('a second process is refused and leaves the first one serving', async () => {
  const { url } = await aServingProcess()
  await expect(aServer().start(soon())).rejects.toThrow(DataDirectoryInUseError)
  await servers.splice(0)[0]?.stop()
  expect(await ask(url, 'select 1')).toEqual([1])
  await expect(aServer().start(soon())).rejects.toThrow(DataDirectoryInUseError)
})

test('a cluster left half-made by a crash is made again', async () => {
  await mkdir(join(dataDir, 'cluster.new', 'base'), { recursive: true })
  const server = aServer()
  await server.start(soon())
  expect(await ask(server.url(), 'select 1')).toEqual([1])
})

test('a stop in the middle of a start leaves no server behind', async () => {
  const server = aServer()
  const starting = server.start(soon()).then(
    () => 'started',
    () => 'given up',
  )
  await eventually(() => stat(join(dataDir, 'cluster.new')), { withinMs: 5_000 })
  await server.stop()
  expect(await starting).toBe('given up')
  await expect(postmasterOf()).rejects.toThrow('ENOENT')
  await aServer().start(soon())
})

test('stopping twice, or without a start, is fine', async () => {
  const server = aServer()
  await Promise.all([server.stop(), server.stop()])
})

test('a data directory deeper than a socket path may be long works over TCP', async () => {
  dataDir = join(parent, 'd'.repeat(60), 'e'.repeat(60))
  const server = aServer()
  await server.start(soon())
  expect(await ask(server.url(), 'select 1')).toEqual([1])
})

describe.runIf(isRoot)('started by root', () => {
  test('the server does not run as root and can write only what is its own', async () => {
    const server = aServer()
    await server.start(soon())
    const status = await readFile(`/proc/${await postmasterOf()}/status`, 'utf8')
    expect(status).toMatch(new RegExp(`^Uid:\\s+${NOBODY}\\s+${NOBODY}\\s+${NOBODY}`, 'm'))
    expect(status).toMatch(/^CapEff:\s+0{16}$/m)
    expect(status).toMatch(/^NoNewPrivs:\s+1$/m)
  })

  test('below a directory that only root may enter it starts as well, with read access and nothing more', async () => {
    await chmod(parent, 0o700)
    const server = aServer()
    await server.start(soon())
    expect(await ask(server.url(), 'select 1')).toEqual([1])
    const status = await readFile(`/proc/${await postmasterOf()}/status`, 'utf8')
    expect(status).toMatch(/^CapEff:\s+0{15}4$/m)
  })

  test('an ordinary user starts it too', async () => {
    await chown(parent, NOBODY, NOBODY)
    const { url } = await aServingProcess(NOBODY)
    expect(await ask(url, 'select 1')).toEqual([1])
  })
})
