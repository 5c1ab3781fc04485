import type { Driver, Wall } from '../../src/sandbox/driver.ts'
import type { Attack, Outcome, RunAttack } from './attack.ts'
import { judge as judgeAddress } from '../../src/sandbox/egress/policy.ts'
import { attackOn, type Verdict } from './judge.ts'
import type { Layer, Workshop } from './layers.ts'
import { listenNaively } from './naive-host.ts'
import { buildNaively, uploadAttack } from './upload.ts'
import type { World } from './world.ts'

/** One line of the table. */
export type Line = {
  readonly attack: string
  readonly family: string
  readonly wall: string
  readonly driver: string
  readonly layer: 'all' | 'os' | 'permissions' | 'control'
  readonly declared: string
  readonly verdict: Verdict
  readonly ok: boolean
}

/** Outcomes of the same class but for their code are told apart where the attack names one. */
export function isAsDeclared(attack: Attack, declared: Outcome, verdict: Verdict): boolean {
  if (verdict.outcome !== declared) return false
  return attack.code === undefined || declared !== attack.outcome || verdict.code === attack.code
}

const expected = (attack: Attack, declared: Outcome, layer: Layer): Outcome =>
  attack.kind === 'run' && !layer.hasGroups ? (attack.watchdog ?? declared) : declared

/** An attack against all walls, which is what runs meet. */
export async function tryAttack(layer: Layer, world: World, attack: Attack): Promise<Line> {
  const verdict = attack.kind === 'upload' ? await uploadAttack(world, attack) : await attackOn(layer, world, attack)
  const declared = expected(attack, attack.outcome, layer)
  const ok = isAsDeclared(attack, declared, verdict)
  return lineOf(attack, layer.driver.kind, 'all', declared, verdict, ok)
}

/** An attack against one kind of walls alone. `falls` must escape: then the other kind is what held. */
export async function tryLayer(
  layer: Layer,
  world: World,
  attack: RunAttack,
  name: 'os' | 'permissions',
): Promise<Line> {
  const layered = attack[name] ?? attack.outcome
  const declared = layered === 'falls' ? layered : expected(attack, layered, layer)
  const verdict = await attackOn(layer, world, attack)
  const ok = declared === 'falls' ? verdict.outcome === 'escaped' : isAsDeclared(attack, declared, verdict)
  return lineOf(attack, layer.driver.kind, name, declared, verdict, ok)
}

export type ControlDeps = {
  readonly world: World
  /** The driver under test, and Deno on the open host. */
  readonly walled: Layer
  readonly open: Layer
  /** The driver under test without bounds on processes and descriptors. */
  readonly crowded: Layer
  readonly driver: Driver
}

/** The attack with its wall removed. It must get through, or else the wall was never what stopped it. */
export async function tryControl({ world, walled, open, crowded, driver }: ControlDeps, attack: Attack): Promise<Line> {
  const verdict = await controlVerdict({ world, walled, open, crowded, driver }, attack)
  // Without control groups nothing but RLIMIT_DATA bounds threads, and that cannot be taken away alone.
  const isBound = attack.control.kind === 'many-processes' && !walled.hasGroups
  const ok = verdict.outcome === 'escaped' || isRefusedByKernel(verdict) || isBound
  return lineOf(attack, attack.kind === 'upload' ? 'build' : driver.kind, 'control', 'escaped', verdict, ok)
}

/** On the open host too: this kernel lacks what the attack is after (ENOSYS, EAFNOSUPPORT), or keeps it for root. The
 * attack is tried all the same, but it does not count. */
export function isRefusedByKernel(verdict: Verdict): boolean {
  return verdict.outcome !== 'escaped' && /[eE]rrno (1|13|38|97)\b|os error (1|13)\b/.test(verdict.said)
}

async function controlVerdict({ world, walled, open, crowded, driver }: ControlDeps, attack: Attack): Promise<Verdict> {
  const { control } = attack
  if (attack.kind === 'upload') return await buildNaively(world, attack)
  switch (control.kind) {
    case 'open':
      return await attackOn(open, world, attack)
    case 'many-processes':
      return await attackOn(crowded, world, attack, { limits: control.limits })
    case 'limits':
      return await attackOn(walled, world, attack, { limits: control.limits })
    case 'same-principal':
      return await attackOn(walled, world, attack, { samePrincipal: true })
    case 'reach':
      return await attackOn(walled, world, attack, { reach: control.reach })
    case 'dialed':
      return await dialNaively(world, control)
    case 'naive-host': {
      const isForgery = (heard: string): boolean =>
        typeof control.believes === 'string' ? heard.includes(control.believes) : control.believes.test(heard)
      const heard = await listenNaively(driver, attack, world.input('naive-flag', 0), isForgery)
      const isBelieved = isForgery(heard)
      return { outcome: isBelieved ? 'escaped' : 'ok-contained', code: 'heard', said: heard.slice(-160) }
    }
    case 'naive-build':
      throw new Error(`${attack.name} is no upload`)
    default:
      return control satisfies never
  }
}

/** Where a host that believes what a manifest names would connect to. Nothing is connected: most of these addresses are
 * somebody's. */
async function dialNaively(world: World, { url, address }: { url: string; address: string }): Promise<Verdict> {
  const everywhere = ['*', world.withPorts('*:{tcp}')]
  const resolve = world.resolver()
  const deps = { isOff: false, privateHosts: everywhere, resolve, resolveLocally: resolve }
  const target = await judgeAddress(deps, world.withPorts(url), everywhere, new Map())
  const isDialed = target.addresses.includes(address)
  return { outcome: isDialed ? 'escaped' : 'ok-contained', code: 'dialed', said: target.addresses.join(' ') }
}

function lineOf(
  attack: Attack,
  driver: string,
  layer: Line['layer'],
  declared: string,
  verdict: Verdict,
  ok: boolean,
): Line {
  return { attack: attack.name, family: attack.family, wall: attack.wall, driver, layer, declared, verdict, ok }
}

/** Runs `act` over all of them, so many at a time. */
export async function inParallel<T>(all: readonly T[], atOnce: number, act: (each: T) => Promise<void>): Promise<void> {
  const left = [...all]
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await act(next)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

export const ALL_GRANTED: readonly Wall[] = ['permissions']
/** On the host nothing is left but the limits. */
export const OPEN: readonly Wall[] = ['permissions', 'storage', 'remote code']

/** A layer of this driver with these walls away, stopped when `use` is done. */
export async function withLayer<T>(
  workshop: Workshop,
  driver: Driver,
  without: readonly Wall[],
  use: (layer: Layer) => Promise<T>,
): Promise<T> {
  const layer = workshop.layer(driver, without)
  try {
    return await use(layer)
  } finally {
    await layer.stop()
  }
}
