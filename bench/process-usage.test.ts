import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { readRss, readUsage } from './process-usage.ts'

test("a tree's CPU time holds its children, the dead ones too, and leaves out what is named", async () => {
  const burn = `const used = () => { const { user, system } = process.cpuUsage(); return user + system }
    const until = used() + 250_000; while (used() < until);`
  const parent = spawn(process.execPath, [
    '-e',
    `const { spawn, spawnSync } = require('node:child_process')
     spawnSync(process.execPath, ['-e', ${JSON.stringify(burn)}])
     const child = spawn(process.execPath, ['-e', ${JSON.stringify(`${burn} console.log(process.pid); setInterval(() => {}, 1000)`)}])
     child.stdout.pipe(process.stdout)`,
  ])
  try {
    const [line] = await once(parent.stdout, 'data', { signal: AbortSignal.timeout(25_000) })
    if (parent.pid === undefined) throw new Error('no pid')
    const whole = readUsage([parent.pid])
    const without = readUsage([parent.pid], [Number(String(line))])
    expect(whole.processes).toBe(2)
    expect(whole.cpuMs).toBeGreaterThanOrEqual(500)
    expect(without.processes).toBe(1)
    expect(whole.cpuMs - without.cpuMs).toBeGreaterThanOrEqual(240)
    expect(whole.pssBytes).toBeGreaterThan(without.pssBytes)
    expect(readRss(parent.pid)).toBeGreaterThan(10_000_000)
    process.kill(Number(String(line)), 'SIGKILL')
  } finally {
    parent.kill('SIGKILL')
  }
}, 30_000)
