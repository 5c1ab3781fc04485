import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { eventually } from '../test/support/eventually.ts'
import { cpuMsBetween, readCpuTimes, readMemory, readRss } from './process-usage.ts'

/** Burns 300 ms at each line on its standard input, and says so. */
const BURN = `
  const used = () => { const { user, system } = process.cpuUsage(); return user + system }
  process.stdin.on('data', () => {
    const until = used() + 300_000
    while (used() < until);
    console.log(process.pid)
  })`

test("a tree's CPU time holds what its children burn, leaves out what is named, and survives an end", async () => {
  const parent = spawn(process.execPath, [
    '-e',
    `const { spawn } = require('node:child_process')
     spawn(process.execPath, ['-e', ${JSON.stringify(BURN)}], { stdio: 'inherit' })
     setInterval(() => {}, 1_000)`,
  ])
  const lines = createInterface({ input: parent.stdout })
  const burn = async (): Promise<number> => {
    const line = once(lines, 'line', { signal: AbortSignal.timeout(25_000) })
    parent.stdin.write('burn\n')
    return Number((await line)[0])
  }
  try {
    const root = parent.pid
    if (root === undefined) throw new Error('no pid')
    const child = await burn()
    const [whole, alone] = [readCpuTimes([root]), readCpuTimes([root], [child])]
    expect([whole.size, alone.size]).toEqual([2, 1])
    await burn()
    const after = readCpuTimes([root])
    expect(cpuMsBetween(whole, after)).toBeGreaterThanOrEqual(280)
    expect(cpuMsBetween(alone, readCpuTimes([root], [child]))).toBeLessThan(200)
    const memory = readMemory([root])
    expect(memory.processes).toBe(2)
    expect(memory.pssBytes).toBeGreaterThan(readMemory([root], [child]).pssBytes)
    expect(readRss(root)).toBeGreaterThan(10_000_000)
    // With the child's end its time is forgotten; the sum of the others never falls.
    process.kill(child, 'SIGKILL')
    await eventually(() => expect(readMemory([root]).processes).toBe(1), { withinMs: 10_000 })
    expect(cpuMsBetween(after, readCpuTimes([root]))).toBeGreaterThanOrEqual(0)
  } finally {
    parent.kill('SIGKILL')
  }
}, 60_000)
