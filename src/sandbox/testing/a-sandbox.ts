import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { systemClock, type Clock } from '../../platform/clock.ts'
import { loadConfig } from '../../platform/config.ts'
import { createLogger } from '../../platform/logger.ts'
import {
  createSandbox,
  sandboxOptions,
  type AgentCode,
  type AgentInput,
  type Execution,
  type ExecutionOptions,
  type Sandbox,
} from '../index.ts'

/** A started sandbox, configured like production but for what `env` says.
 * @param idleProcessors what part of the processors nobody wants; none, so that nothing is booted but what is asked for */
export async function aSandbox(
  env: Readonly<Record<string, string>> = {},
  idleProcessors: () => number = () => 0,
  clock: Clock = systemClock,
): Promise<Sandbox> {
  const { sandbox: config } = loadConfig({ sandbox: sandboxOptions }, env)
  const sandbox = createSandbox({ config, log: createLogger('silent', 2), clock, idleProcessors })
  await sandbox.start(new AbortController().signal)
  return sandbox
}

export function agentCode(source: string): AgentCode {
  return { source, sha256: createHash('sha256').update(source).digest('hex') }
}

export type RunOptions = Partial<Omit<ExecutionOptions, 'limits'>> & {
  readonly limits?: Partial<ExecutionOptions['limits']>
}

/** Runs an agent given as text; the rest has sensible values. */
export async function runSource(
  sandbox: Sandbox,
  source: string,
  input: unknown = null,
  options: RunOptions = {},
  files: AgentInput['files'] = new Map(),
): Promise<Execution> {
  return await runCode(sandbox, agentCode(source), input, options, files)
}

async function runCode(
  sandbox: Sandbox,
  code: AgentCode,
  input: unknown,
  options: RunOptions,
  files: AgentInput['files'],
): Promise<Execution> {
  return await sandbox.executeAgentCode(
    code,
    { json: JSON.stringify(input), files },
    {
      runId: randomUUID(),
      isolationKey: null,
      charges: { events: {}, capMicro: 0n },
      ...options,
      limits: { timeoutMs: 10_000, memoryMb: 128, maxOutputBytes: 1_000_000, maxLogBytes: 10_000, ...options.limits },
    },
  )
}

/** A Python agent: `agent.py` as given, and files beside it. */
export function pythonCode(text: string, others: Readonly<Record<string, string>> = {}): AgentCode {
  const files = Object.entries({ 'agent.py': text, ...others }).map(([name, content]) => [
    name,
    Buffer.from(content).toString('base64'),
  ])
  return { ...agentCode(JSON.stringify({ files })), runtime: 'python' }
}

/** {@link runSource} for Python. */
export async function runPython(
  sandbox: Sandbox,
  code: string | AgentCode,
  input: unknown = null,
  options: RunOptions = {},
  files: AgentInput['files'] = new Map(),
): Promise<Execution> {
  return await runCode(sandbox, typeof code === 'string' ? pythonCode(code) : code, input, options, files)
}

/** `succeeded`, `timed_out`, `canceled`, or the failure's code. */
export const endOf = (execution: Execution): string => (execution.kind === 'failed' ? execution.code : execution.kind)

export function outputOf(execution: Execution): unknown {
  if (execution.kind !== 'succeeded') throw new Error(`the run ended as ${JSON.stringify(execution)}`)
  return JSON.parse(execution.outputJson.toString())
}

/** Sandbox processes below a process, control groups of it, and folders in /tmp: what must be gone after a stop. */
export function leftBehind(pid: number): { processes: number; groups: readonly string[] } {
  const groups = ['/sys/fs/cgroup/pids', '/sys/fs/cgroup']
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).filter((name) => name.startsWith(`bureau-${pid}-`)))
  const launchers = processes().filter(
    (each) => each.parent === pid && each.commandLine.includes('launcher-process.js'),
  )
  return { processes: childrenOf(pid).length + launchers.length, groups }
}

/** Pids of the sandboxes (shell, bubblewrap, unshare or Deno) that a process started through its launcher. */
export function childrenOf(pid: number): readonly number[] {
  const all = processes()
  const launchers = all.filter((each) => each.parent === pid && each.commandLine.includes('launcher-process.js'))
  const inside = (each: Process): boolean =>
    ['bwrap', 'unshare', 'sh', 'deno'].includes(each.command) || each.command.startsWith('python3')
  return launchers.flatMap((launcher) =>
    all.filter((each) => each.parent === launcher.pid && inside(each)).map((each) => each.pid),
  )
}

/** Ends the sandboxes of a process at once: the guests first, because their end at their wrappers' takes a moment, in
 * which they would go on. */
export function killSandboxesOf(pid: number): void {
  for (const wrapper of childrenOf(pid))
    for (const each of [...startedBy(wrapper), wrapper]) {
      try {
        process.kill(each, 'SIGKILL')
      } catch {
        // It has just ended.
      }
    }
}

/** Pids of the guests themselves in the sandboxes of a process. */
export function guestsOf(pid: number): readonly number[] {
  return childrenOf(pid).flatMap(startedBy)
}

/** How nice a guest is to others: each of its threads, and its session where the kernel shares between sessions. */
export function nicenessOf(pid: number): readonly number[] {
  try {
    const session = /nice (-?\d+)/.exec(readFileSync(`/proc/${pid}/autogroup`, 'latin1'))?.[1]
    const threads = readdirSync(`/proc/${pid}/task`).map((thread) => getPriority(Number(thread)))
    return session === undefined ? threads : [...threads, Number(session)]
  } catch {
    // It has just ended, or this kernel shares between threads alone.
    return existsSync(`/proc/${pid}/task`) ? [getPriority(pid)] : []
  }
}

function startedBy(wrapper: number): readonly number[] {
  try {
    const children = readFileSync(`/proc/${wrapper}/task/${wrapper}/children`, 'latin1').trim()
    return children === '' ? [] : children.split(' ').map(Number)
  } catch {
    // The wrapper has just ended, and they with it.
    return []
  }
}

type Process = { readonly pid: number; readonly parent: number; readonly command: string; readonly commandLine: string }

function processes(): readonly Process[] {
  const found: Process[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1')
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const command = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
      const commandLine = readFileSync(`/proc/${name}/cmdline`, 'latin1')
      if (state !== 'Z') found.push({ pid: Number(name), parent: Number(parent), command, commandLine })
    } catch {
      // It ended while we were looking.
    }
  }
  return found
}
