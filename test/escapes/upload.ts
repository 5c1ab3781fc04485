import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { packTar } from 'modern-tar'
import { z } from 'zod'
import { buildAgent } from '../../src/deployments/build-agent.ts'
import { checkSource } from '../../src/deployments/source-files.ts'
import { EnhancedAppError } from '../../src/platform/errors.ts'
import type { Package, UploadAttack } from './attack.ts'
import type { Verdict } from './judge.ts'
import type { World } from './world.ts'

/** Uploads an attack as a deployment does: checked, then built in the process of its own. */
export async function uploadAttack(world: World, attack: UploadAttack): Promise<Verdict> {
  const flag = randomBytes(6).toString('hex')
  const offered = await offerPackages(world, attack, flag)
  const files = withLockfile(filled(world, attack, flag), offered)
  try {
    const source = checkSource(new Map(files.map(([name, text]) => [name, Buffer.from(text)])))
    const bundle = await buildAgent(source, NEVER, { registry: offered.length > 0 ? world.registry : null })
    if (
      bundle.code.includes(world.canaryValue) ||
      bundle.code.includes(`evil-${flag}`) ||
      world.heard(flag) ||
      readdirSync(world.input(flag, 0).folder).some((name) => name.includes(flag))
    )
      return { outcome: 'escaped', code: 'built', said: 'it got at the host' }
    return { outcome: 'ok-contained', code: 'built', said: bundle.code.slice(0, 100) }
  } catch (error) {
    if (world.heard(flag)) return { outcome: 'escaped', code: 'heard', said: 'the host was asked' }
    if (error instanceof EnhancedAppError) return { outcome: 'error', code: error.code, said: error.fix }
    throw error
  }
}

const NEVER = new AbortController().signal

/** The control: unpacks into a folder and bundles like any project. */
export async function buildNaively(world: World, attack: UploadAttack): Promise<Verdict> {
  const flag = randomBytes(6).toString('hex')
  const parent = mkdtempSync(join(tmpdir(), 'bureau-escapes-build-'))
  const folder = join(parent, 'agent')
  mkdirSync(folder)
  try {
    const files = filled(world, attack, flag)
    for (const [name, text] of files) {
      const at = name.startsWith('/') ? name : resolve(folder, name)
      mkdirSync(dirname(at), { recursive: true })
      writeFileSync(at, text)
    }
    for (const each of await offerPackages(world, attack, flag)) await installNaively(folder, each)
    if (world.heard(flag)) return { outcome: 'escaped', code: 'heard', said: 'the host was asked' }
    if (attack.packages === undefined && files.some(([name]) => name === 'package.json'))
      spawnSync('npm', ['install', '--offline', '--no-audit', '--no-fund'], {
        cwd: folder,
        stdio: 'ignore',
        timeout: 60_000,
      })
    const outside = [parent, world.input(flag, 0).folder].some((each) =>
      readdirSync(each).some((name) => name.includes(flag)),
    )
    if (outside) return { outcome: 'escaped', code: 'unpacked', said: 'a file stands outside' }
    const entry = files.map(([name]) => name).find((name) => name.startsWith('index.'))
    const built = await build({
      entryPoints: [join(folder, entry ?? 'index.ts')],
      absWorkingDir: folder,
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      outdir: join(folder, 'out'),
      logLevel: 'silent',
      loader: { '.css': 'css' },
    })
    const text = built.outputFiles.map((each) => each.text).join('\n')
    return text.includes(world.canaryValue) || text.includes(`evil-${flag}`)
      ? { outcome: 'escaped', code: 'built', said: 'the canary is built in' }
      : { outcome: 'ok-contained', code: 'built', said: text.slice(0, 100) }
  } catch (error) {
    return {
      outcome: 'error',
      code: 'not built',
      said: error instanceof Error ? error.message.slice(0, 160) : 'unknown',
    }
  } finally {
    rmSync(parent, { recursive: true, force: true })
    rmSync(join(world.input(flag, 0).folder, `slipped-${flag}.ts`), { force: true })
  }
}

type Offered = {
  readonly path: string
  readonly resolved: string
  readonly integrity: string
  readonly entries: Package['entries']
}

/** Puts an attack's packages into the registry. */
async function offerPackages(world: World, attack: UploadAttack, flag: string): Promise<readonly Offered[]> {
  const { canary, folder } = world.input(flag, 0)
  const fill = (text: string): string =>
    world.withPorts(text).replaceAll('{canary}', canary).replaceAll('{folder}', folder).replaceAll('{flag}', flag)
  const all: Offered[] = []
  for (const [path, given] of Object.entries(attack.packages ?? {})) {
    const entries = given.entries.map(({ name, text = '', type = 'file', linkname }) => ({
      name: fill(name),
      text: fill(text),
      type,
      ...(linkname === undefined ? {} : { linkname: fill(linkname) }),
    }))
    const packed = entries.map(({ name, text, type, linkname }) => ({
      header: { name, type, size: type === 'file' ? Buffer.byteLength(text) : 0, ...(linkname && { linkname }) },
      ...(type === 'file' ? { body: text } : {}),
    }))
    const tarball = gzipSync(await packTar(packed))
    const at = `/npm/${flag}/${all.length}.tgz`
    const resolved = world.offerPackage(at, given.redirect === undefined ? tarball : fill(given.redirect))
    const integrity = `sha512-${createHash('sha512')
      .update(given.integrity ?? tarball)
      .digest('base64')}`
    all.push({
      path: fill(path),
      resolved: given.resolved === undefined ? resolved : fill(given.resolved),
      integrity,
      entries,
    })
  }
  return all
}

function withLockfile(
  files: readonly (readonly [string, string])[],
  offered: readonly Offered[],
): readonly (readonly [string, string])[] {
  if (offered.length === 0) return files
  const names = offered
    .map(({ path }) => /^node_modules\/([^/]+)$/.exec(path)?.[1])
    .filter((name) => name !== undefined)
  const dependencies = Object.fromEntries(names.map((name) => [name, '1.0.0']))
  const packages = Object.fromEntries(offered.map(({ path, resolved, integrity }) => [path, { resolved, integrity }]))
  return [
    ...files,
    ['package.json', JSON.stringify({ dependencies })],
    ['package-lock.json', JSON.stringify({ lockfileVersion: 3, packages: { '': { dependencies }, ...packages } })],
  ]
}

/** As an installer would that trusts what it unpacks: fetched from anywhere, hashes unread, names and links followed,
 * programs linked, scripts run. */
async function installNaively(project: string, { path, resolved, entries }: Offered): Promise<void> {
  await fetch(resolved).then(
    (answer) => answer.arrayBuffer(),
    () => null,
  )
  const at = resolve(project, path)
  for (const { name, text = '', type = 'file', linkname = '' } of entries) {
    const to = name.startsWith('/') ? name : resolve(at, '..', name.replace(/^package(?=\/)/, basename(at)))
    mkdirSync(dirname(to), { recursive: true })
    rmSync(to, { force: true })
    if (type === 'symlink') symlinkSync(linkname, to)
    else if (type === 'link') linkSync(linkname, to)
    else writeFileSync(to, text)
  }
  const manifest: unknown = JSON.parse(entries.find(({ name }) => name === 'package/package.json')?.text ?? '{}')
  const { scripts, bin } = installed.parse(manifest)
  for (const [name, target] of Object.entries(bin)) {
    const link = resolve(project, 'node_modules/.bin', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(resolve(at, target), link)
  }
  for (const script of Object.values(scripts)) spawnSync('/bin/sh', ['-c', script], { cwd: at, timeout: 10_000 })
}

const texts = z.record(z.string(), z.string()).default({})
const installed = z.looseObject({ scripts: texts, bin: texts })

function filled(world: World, attack: UploadAttack, flag: string): readonly (readonly [string, string])[] {
  const { canary, folder } = world.input(flag, 0)
  const fill = (text: string): string =>
    text.replaceAll('{canary}', canary).replaceAll('{folder}', folder).replaceAll('{flag}', flag)
  return Object.entries(attack.files).map(([name, text]) => [fill(name), fill(text)])
}
