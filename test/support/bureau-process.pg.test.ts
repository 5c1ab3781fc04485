import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isAlive } from '../../src/sandbox/runtime-folder.ts'
import { eventually } from './eventually.ts'

const MODULE = new URL('./bureau-process.ts', import.meta.url).href

test.skipIf(process.platform !== 'linux')(
  'a server that a bench or a test started ends with it, also when that is killed',
  { timeout: 180_000 },
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'bureau-orphan-'))
    const script = `
      const { startBureauProcess } = await import(${JSON.stringify(MODULE)})
      const server = await startBureauProcess(${JSON.stringify({ BUREAU_DATA: dataDir, BUREAU_SANDBOX_BLANKS: '0' })})
      console.log(server.pid)`
    const starter = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(starter.stdout, 'data')
    const pid = Number(String(line))
    expect(isAlive(pid)).toBe(true)
    starter.kill('SIGKILL')
    await eventually(() => expect(isAlive(pid)).toBe(false), { withinMs: 60_000 })
    await rm(dataDir, { recursive: true, force: true })
  },
)
