import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { build } from 'esbuild'
import { buildAgent } from '../../src/deployments/build-agent.ts'
import { checkSource } from '../../src/deployments/source-files.ts'
import { EnhancedAppError } from '../../src/platform/errors.ts'
import type { UploadAttack } from './attack.ts'
import type { Verdict } from './judge.ts'
import type { World } from './world.ts'

/** Uploads an attack as a deployment does: checked, then built in the process of its own. */
export async function uploadAttack(world: World, attack: UploadAttack): Promise<Verdict> {
  const flag = randomBytes(6).toString('hex')
  const files = filled(world, attack, flag)
  try {
    const bundle = await buildAgent(checkSource(new Map(files.map(([name, text]) => [name, Buffer.from(text)]))), NEVER)
    if (
      bundle.code.includes(world.canaryValue) ||
      readdirSync(world.input(flag, 0).folder).some((name) => name.includes(flag))
    )
      return { outcome: 'escaped', code: 'built', said: 'it got at the host' }
    return { outcome: 'ok-contained', code: 'built', said: bundle.code.slice(0, 100) }
  } catch (error) {
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
    if (files.some(([name]) => name === 'package.json'))
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
    return text.includes(world.canaryValue)
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

function filled(world: World, attack: UploadAttack, flag: string): readonly (readonly [string, string])[] {
  const { canary, folder } = world.input(flag, 0)
  const fill = (text: string): string =>
    text.replaceAll('{canary}', canary).replaceAll('{folder}', folder).replaceAll('{flag}', flag)
  return Object.entries(attack.files).map(([name, text]) => [fill(name), fill(text)])
}
