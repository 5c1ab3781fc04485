import { readFileSync, readlinkSync } from 'node:fs'
import type { AgentRuntime, SelfTestCheck } from './sandbox.types.ts'

/** Everything set in a sandbox: by us, PWD by bubblewrap, and the rest by the shell that starts it. */
export const ENVIRONMENT: Readonly<Record<AgentRuntime, ReadonlySet<string>>> = {
  javascript: new Set(['DENO_NO_UPDATE_CHECK', 'NO_COLOR', 'HOME', 'TMPDIR', 'DENO_DIR', 'PWD', 'SHLVL', '_']),
  python: new Set(['HOME', 'TMPDIR', 'LANG', 'PWD', 'SHLVL', '_']),
}
/** Flags with which each runtime takes nothing from elsewhere. */
const ALONE: Readonly<Record<AgentRuntime, readonly string[]>> = {
  javascript: ['--no-remote', '--no-npm', '--no-config'],
  python: ['-I', '-S', '-B'],
}
const DEVICES = new Set(['/dev/null', '/dev/zero', '/dev/random', '/dev/urandom'])
/** More than the four devices would need, far less than a disk. */
const MAX_SCRATCH_KB = 65_536

/** What the kernel says about a booted guest, read from outside: no answer of the guest is asked for or believed.
 * @param pid the guest's, as the host counts */
export function inspectGuest(pid: number, runtime: AgentRuntime = 'javascript'): readonly SelfTestCheck[] {
  const file = (name: string): string => readFileSync(`/proc/${pid}/${name}`, 'latin1')
  const check = (name: string, look: () => { held: boolean; evidence: string }): SelfTestCheck => {
    try {
      return { name: `outside: ${name}`, ...look(), neededFor: 'strong' }
    } catch (error) {
      // What cannot be seen is not proven.
      const evidence = error instanceof Error ? error.message : 'it cannot be read'
      return { name: `outside: ${name}`, held: false, evidence, neededFor: 'strong' }
    }
  }
  const namespace = (kind: string, what: string): SelfTestCheck =>
    check(what, () => {
      const [guest, host] = [readlinkSync(`/proc/${pid}/ns/${kind}`), readlinkSync(`/proc/self/ns/${kind}`)]
      return { held: guest !== host, evidence: `${guest}, the host has ${host}` }
    })
  return [
    namespace('user', 'a user namespace of its own'),
    namespace('mnt', 'mounts of its own'),
    namespace('pid', 'processes of its own'),
    namespace('net', 'a network of its own'),
    namespace('ipc', 'shared memory of its own'),
    namespace('uts', 'a host name of its own'),
    check('no capabilities', () => {
      const sets = [...file('status').matchAll(/^Cap(\w+):\s*(\w+)$/gm)].map(([, name, bits]) => `${name} ${bits}`)
      return { held: sets.length >= 5 && sets.every((each) => /^\w+ 0+$/.test(each)), evidence: sets.join(', ') }
    }),
    check('no new privileges', () => status(file('status'), 'NoNewPrivs', '1')),
    check('system calls filtered', () => status(file('status'), 'Seccomp', '2')),
    check('a session of its own', () => {
      const stat = file('stat')
      const session = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]
      return { held: session === String(pid), evidence: `session ${session} of process ${pid}` }
    }),
    check('only its own environment', () => {
      const names = file('environ')
        .split('\0')
        .filter((each) => each !== '')
        .map((each) => each.slice(0, each.indexOf('=')))
      const foreign = names.filter((name) => !ENVIRONMENT[runtime].has(name))
      return {
        held: foreign.length === 0,
        evidence: foreign.length === 0 ? names.join(' ') : `also ${foreign.join(' ')}`,
      }
    }),
    check('limits on descriptors, files, cores and processor time', () => {
      const limits = new Map(
        [...file('limits').matchAll(/^Max (.+?) {2,}(\S+)/gm)].map(([, name, soft]) => [name, Number(soft)]),
      )
      const [files, size, core, cpu] = ['open files', 'file size', 'core file size', 'cpu time'].map((name) =>
        limits.get(name),
      )
      const held = files !== undefined && files <= 1_024 && Number.isFinite(size) && core === 0 && Number.isFinite(cpu)
      return { held, evidence: `open files ${files}, file size ${size}, core ${core}, processor seconds ${cpu}` }
    }),
    check('nothing fetched or resolved', () => {
      const flags = file('cmdline').split('\0')
      const missing = ALONE[runtime].filter((each) => !flags.includes(each))
      return {
        held: missing.length === 0,
        evidence: missing.length === 0 ? 'as started' : `without ${missing.join(' ')}`,
      }
    }),
    ...mountChecks(() => mountsOf(file('mountinfo')), check),
  ]
}

type Mount = {
  readonly at: string
  readonly options: readonly string[]
  readonly kind: string
  readonly details: string
}

function mountsOf(text: string): readonly Mount[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [own = '', filesystem = ''] = line.split(' - ')
      const fields = own.split(' ')
      const [kind = '', , details = ''] = filesystem.split(' ')
      return { at: fields[4] ?? '', options: (fields[5] ?? '').split(','), kind, details }
    })
}

type Check = (name: string, look: () => { held: boolean; evidence: string }) => SelfTestCheck

function mountChecks(mounts: () => readonly Mount[], check: Check): readonly SelfTestCheck[] {
  const of = (at: string): Mount | undefined => mounts().findLast((each) => each.at === at)
  const told = (mount: Mount | undefined): string =>
    mount === undefined ? 'not mounted' : `${mount.kind} ${mount.options.join(',')} ${mount.details}`
  return [
    check('an empty root', () => ({ held: of('/')?.kind === 'tmpfs', evidence: told(of('/')) })),
    check('a root that cannot be written', () => ({
      held: of('/')?.options.includes('ro') === true,
      evidence: told(of('/')),
    })),
    check('devices that cannot be added to', () => ({
      held: of('/dev')?.options.includes('ro') === true,
      evidence: told(of('/dev')),
    })),
    check('four devices', () => {
      const others = mounts().filter((each) => each.at.startsWith('/dev/') && !DEVICES.has(each.at))
      return {
        held: of('/dev') !== undefined && others.length === 0,
        evidence: others.map((each) => each.at).join(' ') || 'only they',
      }
    }),
    check('a small scratch space', () => {
      const size = Number(/(?:^|,)size=(\d+)k/.exec(of('/tmp')?.details ?? '')?.[1] ?? Number.NaN)
      return { held: of('/tmp')?.kind === 'tmpfs' && size <= MAX_SCRATCH_KB, evidence: told(of('/tmp')) }
    }),
    check('no procfs', () => {
      const found = mounts().filter((each) => ['proc', 'sysfs', 'cgroup', 'cgroup2', 'devpts'].includes(each.kind))
      return {
        held: found.length === 0,
        evidence: found.map((each) => `${each.kind} at ${each.at}`).join(' ') || 'none mounted',
      }
    }),
    check('nothing of the host writable', () => {
      const writable = mounts().filter(
        (each) => !each.options.includes('ro') && each.at !== '/tmp' && !DEVICES.has(each.at),
      )
      return {
        held: writable.length === 0,
        evidence: writable.map((each) => each.at).join(' ') || 'nothing but scratch space',
      }
    }),
  ]
}

function status(text: string, name: string, wanted: string): { held: boolean; evidence: string } {
  const value = new RegExp(`^${name}:\\s*(\\S+)$`, 'm').exec(text)?.[1] ?? 'unknown'
  return { held: value === wanted, evidence: `${name} ${value}` }
}
