import { spawn } from 'node:child_process'
import { openSync, closeSync } from 'node:fs'
import type { Driver } from '../../src/sandbox/driver.ts'
import type { AttackInput, RunAttack } from './attack.ts'

const LISTENS_MS = 20_000
const LOOKS_EVERY_MS = 100
const KEPT_BYTES = 4_000_000

/** The control of forgeries: a host that starts the same sandbox and believes whatever it reads, exit code included.
 * What it heard holds the forgery if the attack got it out, so it is the checks on our side that stop it. */
export async function listenNaively(
  driver: Driver,
  attack: RunAttack,
  input: AttackInput,
  isForgery: (heard: string) => boolean,
): Promise<string> {
  const plan = driver.plan({ heapMb: 192, group: null, dataLimitBytes: null })
  const seccomp = plan.seccompFile === null ? null : openSync(plan.seccompFile, 'r')
  const child = spawn(plan.command, plan.args, {
    cwd: plan.cwd,
    env: plan.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', ...(seccomp === null ? [] : [seccomp])],
  })
  if (seccomp !== null) closeSync(seccomp)
  const { stdin, stdout, stderr } = child
  if (stdin === null || stdout === null || stderr === null) throw new Error('no pipes to the sandbox')
  let heard = ''
  let lookedAt = 0
  const kill = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    } catch {
      // It has just ended.
    }
  }
  const hear = (chunk: Buffer): void => {
    heard += chunk.toString('utf8')
    if (heard.length > KEPT_BYTES || (Date.now() - lookedAt > LOOKS_EVERY_MS && isForgery(heard))) kill()
    if (Date.now() - lookedAt > LOOKS_EVERY_MS) lookedAt = Date.now()
  }
  stdin.on('error', () => undefined)
  stdout.on('data', (chunk: Buffer) => {
    hear(chunk)
    // The answer of the agent's own that comes after whatever it forged.
    if (/"t":"(result|failed)"[^]*\n/.test(heard.slice(-200))) setTimeout(kill, 200)
  })
  stderr.on('data', hear)
  const ended = new Promise<string>((done) => {
    child.on('close', (code) => done(`exit code ${code ?? 'none'}`))
  })
  const timer = setTimeout(kill, Math.min(LISTENS_MS, (attack.limits?.timeoutMs ?? LISTENS_MS) + 3_000))
  const source = Buffer.from(attack.source)
  const code =
    driver.runtime === 'python' ? source : Buffer.from(`data:text/javascript;base64,${source.toString('base64')}`)
  const json = Buffer.from(JSON.stringify(input))
  const prices = { row: '1000' }
  stdin.write(`{"t":"load","bytes":${code.length}}\n`)
  stdin.write(code)
  stdin.write(
    `${JSON.stringify({ t: 'run', run: 'naive', bytes: json.length, out: 1_000_000, log: 10_000, prices, cap: '1000000', secrets: ['KEY'] })}\n`,
  )
  stdin.write(json)
  const exit = await ended
  clearTimeout(timer)
  return `${heard}\n${exit}`
}
