import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { refusedCalls } from '../../src/sandbox/seccomp.ts'
import type { AttackInput } from './attack.ts'

/** The host as the attacks find it: a file nobody may read, doors nobody may knock at, a process nobody may touch. */
export type World = {
  readonly canaryValue: string
  input(flag: string, step: number): AttackInput
  /** Did a door hear this? */
  heard(flag: string): boolean
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
    }),
    heard: (flag) => said.includes(flag),
    async close() {
      victim.kill('SIGKILL')
      datagrams.close()
      await Promise.all(doors.map((each) => new Promise((done) => each.close(done))))
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
