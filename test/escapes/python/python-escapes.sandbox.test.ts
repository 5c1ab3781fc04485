import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findPython } from '../../../src/sandbox/python/find-python.ts'
import { pythonDriver } from '../../../src/sandbox/python/python-driver.ts'
import { isMissing } from '../../support/capabilities.ts'
import type { Driver } from '../../../src/sandbox/driver.ts'
import { findUtilLinux } from '../../../src/sandbox/util-linux-driver.ts'
import { openWorkshop, type Workshop } from '../layers.ts'
import { inParallel, tryAttack, tryControl, withLayer, type Line } from '../run-suite.ts'
import { makeWorld, type World } from '../world.ts'
import { pythonAttacks } from './attacks.ts'
import { openPython } from './open-python.ts'

const AT_ONCE = 2

const unlike = (lines: readonly Line[]): readonly string[] =>
  lines
    .filter((line) => !line.ok)
    .map(
      ({ family, attack, declared, verdict }) =>
        `${family}: ${attack}: declared ${declared}, was ${verdict.outcome} (${verdict.code}: ${verdict.said})`,
    )

describe.skipIf(isMissing('bwrap') || isMissing('python3'))('strangers in Python', () => {
  const stack = new AsyncDisposableStack()
  let world: World
  let workshop: Workshop
  let driver: Driver
  let byUtilLinux: Driver
  let bare: Driver

  beforeAll(async () => {
    world = await makeWorld()
    stack.defer(() => world.close())
    workshop = await openWorkshop({ cgroups: true })
    stack.defer(() => workshop.stop())
    const { python } = await findPython('auto')
    if (python === null) throw new Error('there is no Python here')
    driver = pythonDriver(python, 'bwrap')
    const programs = findUtilLinux()
    if ('missing' in programs) throw new Error(`util-linux lacks ${programs.missing}`)
    byUtilLinux = pythonDriver(python, programs)
    bare = openPython(python)
    stack.defer(() => driver.dispose())
    stack.defer(() => byUtilLinux.dispose())
    stack.defer(() => bare.dispose())
  })
  afterAll(() => stack.disposeAsync())

  const tryAll = async (walled: Driver): Promise<void> => {
    const lines: Line[] = []
    await withLayer(workshop, walled, [], async (layer) => {
      await inParallel(pythonAttacks, AT_ONCE, async (each) => void lines.push(await tryAttack(layer, world, each)))
    })
    expect(unlike(lines)).toEqual([])
    expect(lines.filter(({ verdict }) => verdict.outcome === 'escaped')).toEqual([])
    expect(lines.length).toBeGreaterThan(110)
  }

  test('every hostile agent ends as it is declared to, and none escapes', { timeout: 400_000 }, () => tryAll(driver))

  test('without bubblewrap too, by util-linux', { timeout: 400_000 }, () => tryAll(byUtilLinux))

  // All of them are `npm run escapes -- --driver python --layer control`.
  test('every fourth attack gets through with its wall taken away', { timeout: 400_000 }, async () => {
    const lines: Line[] = []
    const chosen = pythonAttacks.filter((_, at) => at % 4 === 0)
    await withLayer(workshop, driver, [], async (walled) =>
      withLayer(workshop, bare, [], async (open) => {
        const crowded = workshop.layer(driver, ['limits'], 100_000)
        const controls = { world, walled, open, crowded, driver }
        await inParallel(chosen, AT_ONCE, async (each) => void lines.push(await tryControl(controls, each)))
        await crowded.stop()
      }),
    )
    expect(unlike(lines)).toEqual([])
    const counting = lines.filter(({ verdict }) => verdict.outcome === 'escaped').length
    expect(counting).toBeGreaterThan(25)
  })
})
