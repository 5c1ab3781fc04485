// What the launchers share. No dependencies, and nothing newer than Node 20: it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const MODULES = join(ROOT, 'node_modules')
const PINNED = join(MODULES, `node-${process.platform}-${process.arch}`, 'bin', 'node')
/** The oldest Node that runs the sources itself, where no pinned one exists for the platform. */
const OLDEST_MAJOR = 24

/** Installs what is missing, or answers at once: by comparing the lockfile with the one npm leaves in node_modules
 * when an install has succeeded.
 * @param {'production' | 'all'} scope with or without what only building and testing need */
export function installMissing(scope) {
  if (isInstalled(scope)) return
  const args = ['ci', ...(scope === 'production' ? ['--omit=dev'] : [])]
  say(`Installing what package-lock.json asks for (npm ${args.join(' ')}) …`)
  const from = Date.now()
  // The npm that started us, if one did: there may be several.
  const npm = process.env.npm_execpath
  const [command, before] = npm && /\.c?js$/.test(npm) ? [process.execPath, [npm]] : ['npm', []]
  const { status, error } = spawnSync(command, [...before, ...args, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status !== 0)
    fail(`npm ci failed${error ? `: ${error.message}` : ''}. It needs the npm registry, or a filled npm cache.`)
  say(`Installed in ${Math.round((Date.now() - from) / 1000)} s`)
  if (!isInstalled(scope)) fail('npm ci ended well, but node_modules still differs from package-lock.json.')
}

/** @param {'production' | 'all'} scope */
export function isInstalled(scope) {
  const done = join(MODULES, '.package-lock.json')
  if (!existsSync(done)) return false
  const wanted = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages
  const found = JSON.parse(readFileSync(done, 'utf8')).packages
  const ours = Object.keys(wanted[''].optionalDependencies ?? {}).map((name) => `node_modules/${name}`)
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '' || (scope === 'production' && entry.dev)) return true
    // Of other packages' optional ones npm decides for itself, and its decision is not ours to repeat.
    if (entry.optional && !(ours.includes(path) && isForHere(entry))) return true
    const there = found[path]
    return there?.version === entry.version && (there.integrity ?? '') === (entry.integrity ?? '')
  })
}

/** npm leaves aside what names another system, processor or C library; which library this is, it knows better. */
function isForHere({ os, cpu, libc }) {
  return !libc && (!os || os.includes(process.platform)) && (!cpu || cpu.includes(process.arch))
}

/** Becomes the pinned Node with these arguments, so that signals, exit code and descriptors are its own.
 * @param {string[]} argv @param {'server' | 'command'} kind a command may ask at the terminal, a server is stopped with care */
export function becomeNode(argv, kind) {
  const node = pinnedNode()
  // Node keeps what it compiled, stripped TypeScript included: a start is a third of a second shorter.
  process.env.NODE_COMPILE_CACHE ??= join(ROOT, 'node_modules', '.cache', 'node')
  if (typeof process.execve === 'function') process.execve(node, [node, ...argv], process.env)
  // Node 20 cannot replace itself. Should we be killed, the kernel tells the child (setpriv, on Linux).
  const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path))
  const tells = setpriv && spawnSync(setpriv, ['--help'], { encoding: 'utf8' }).stdout?.includes('--pdeathsig')
  const [command, commandArgs] = tells ? [setpriv, ['--pdeathsig', 'TERM', node, ...argv]] : [node, argv]
  // A server gets a process group of its own: a Ctrl-C would reach it twice, from the terminal and from us. A command
  // must keep the terminal, so there the terminal's signal is the one.
  const child = spawn(command, commandArgs, { stdio: 'inherit', detached: kind === 'server' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
    process.on(signal, () => {
      if (kind === 'server' || signal !== 'SIGINT') child.kill(signal)
    })
  }
  child.once('error', (error) => fail(`${command} did not start: ${error.message}`))
  child.once('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]))
}

/** The Node of the lockfile, or this one if it is new enough and the platform has none. */
export function pinnedNode() {
  if (existsSync(PINNED) && spawnSync(PINNED, ['--version']).status === 0) return PINNED
  if (Number(process.versions.node.split('.', 1)[0]) >= OLDEST_MAJOR) return process.execPath
  return fail(
    `There is no packaged Node for ${process.platform}-${process.arch}. Install Node ${OLDEST_MAJOR} or newer.`,
  )
}

/** Says what is going on. On stderr: a command's own output stays clean. */
export function say(text) {
  process.stderr.write(`${text}\n`)
}

/** @returns {never} */
export function fail(text) {
  say(text)
  process.exit(1)
}
