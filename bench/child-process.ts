import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** What a child gets from us; everything else of this process's environment stays here. bwrap, setpriv and initdb are
 * looked up in PATH. */
export const CHILD_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export type PortServer = { readonly pid: number; readonly url: URL; stop(): Promise<void> }

/** Starts one of this folder's servers, which prints its port as its first line.
 * @throws Error if it does not within ten seconds */
export async function startPortServer(script: URL, args: readonly string[] = []): Promise<PortServer> {
  const child = spawn(process.execPath, [script.pathname, ...args], { stdio: ['pipe', 'pipe', 'inherit'], env: {} })
  const { pid, stdout } = child
  if (pid === undefined || stdout === null) throw new Error(`${script.pathname} did not start`)
  const line = once(createInterface({ input: stdout }), 'line', { signal: AbortSignal.timeout(10_000) })
  const died = once(child, 'exit').then(() => {
    throw new Error(`${script.pathname} died before it listened`)
  })
  died.catch(() => {}) // After the race nobody waits for it.
  const [port] = await Promise.race([line, died])
  return { pid, url: new URL(`http://127.0.0.1:${Number(port)}/`), stop: () => endProcess(child, 2_000) }
}

/** SIGTERM, then SIGKILL after `graceMs` milliseconds; resolves when the process is gone. Idempotent. */
export async function endProcess(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  const kill = setTimeout(() => child.kill('SIGKILL'), graceMs)
  await exit
  clearTimeout(kill)
}
