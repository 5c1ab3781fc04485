import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { refusedCalls } from '../../src/sandbox/seccomp.ts'
import type { Resolve } from '../../src/sandbox/egress/resolve.ts'
import { EgressFailed } from '../../src/sandbox/index.ts'
import type { AttackInput } from './attack.ts'
import { startWeb } from './web-server.ts'

/** The host as the attacks find it: a file nobody may read, doors nobody may knock at, a process nobody may touch. */
export type World = {
  readonly canaryValue: string
  input(flag: string, step: number): AttackInput
  /** Did a door hear this? */
  heard(flag: string): boolean
  /** A host with `{tcp}` and `{web}` in it. */
  withPorts(host: string): string
  /** The registry of npm packages. */
  readonly registry: URL
  offerPackage(path: string, tarball: Buffer | string): string
  /** What a run's names mean: `.test` has names for addresses nobody should get at. */
  resolver(): Resolve
  close(): Promise<void>
}

export async function makeWorld(): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'bureau-escapes-'))
  const canaryValue = `canary${randomBytes(12).toString('hex')}`
  const canary = join(folder, 'canary.json')
  writeFileSync(canary, JSON.stringify(canaryValue), { mode: 0o644 })
  writeFileSync(join(folder, 'module.mjs'), 'export default 1\n', { mode: 0o644 })
  chmodSync(folder, 0o755)
  let said = ''
  const hear = (chunk: Buffer): void => {
    said = (said + chunk.toString('latin1')).slice(-1_000_000)
  }
  const answer = 'HTTP/1.1 200 OK\r\ncontent-type: text/javascript\r\ncontent-length: 17\r\n\r\nexport default 1\n'
  const doors = [1, 2, 3].map(() =>
    createServer((socket) => {
      socket.on('error', () => undefined)
      socket.on('data', (chunk) => {
        hear(chunk)
        socket.end(answer)
      })
    }),
  )
  const [door, file, abstract] = doors
  if (door === undefined || file === undefined || abstract === undefined) throw new Error('no doors')
  const socketFile = join(folder, 'door.sock')
  const abstractName = `bureau-escapes-${process.pid}-${randomBytes(4).toString('hex')}`
  door.listen(0, '127.0.0.1')
  file.listen(socketFile)
  abstract.listen(`\0${abstractName}`)
  await Promise.all(doors.map((each) => once(each, 'listening')))
  chmodSync(socketFile, 0o777)
  const datagrams = createSocket('udp4')
  datagrams.on('message', (message) => {
    hear(message)
  })
  datagrams.bind(0, '127.0.0.1')
  await once(datagrams, 'listening')
  const web = await startWeb(hear)
  // A process of its own, so that an attack that works harms nothing of ours.
  const victim: ChildProcess = spawn('/bin/sleep', ['3600'], { stdio: 'ignore' })
  await once(victim, 'spawn')
  const address = door.address()
  const tcp = typeof address === 'object' && address !== null ? address.port : 0
  const nr = Object.fromEntries(refusedCalls(process.arch))
  return {
    canaryValue,
    input: (flag, step) => ({
      flag,
      canary,
      folder,
      tcp,
      udp: datagrams.address().port,
      socketFile,
      abstractName,
      hostPid: victim.pid ?? 0,
      hostname: hostname(),
      nr,
      step,
      web: web.port,
    }),
    withPorts: (host) => host.replaceAll('{tcp}', String(tcp)).replaceAll('{web}', String(web.port)),
    registry: new URL(`http://127.0.0.1:${web.port}/`),
    offerPackage: (path, tarball) => web.offer(path, tarball),
    resolver: aResolver,
    heard: (flag) => said.includes(flag),
    async close() {
      victim.kill('SIGKILL')
      datagrams.close()
      await web.close()
      await Promise.all(doors.map((each) => new Promise((done) => each.close(done))))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'loopback.test': ['127.0.0.1'],
  'loopback6.test': ['::1'],
  'mapped.test': ['::ffff:127.0.0.1'],
  'metadata.test': ['169.254.169.254'],
  'mixed.test': ['192.0.2.1', '127.0.0.1'],
  localhost: ['127.0.0.1'],
}

/** One run's view of the names. `late.test` is nobody's when it is first asked for, and this machine afterwards. */
function aResolver(): Resolve {
  let asked = 0
  return async (host) => {
    if (host === 'late.test' && asked++ > 0) return ['127.0.0.1']
    const found = NAMES[host]
    if (found === undefined) throw new EgressFailed(`The name ${host} cannot be resolved`)
    return found
  }
}
