import { describe, expect, test } from 'vitest'
import { findDriver } from '../../src/sandbox/driver.ts'
import { isMissing } from '../support/capabilities.ts'
import { attacks } from './attacks/index.ts'
import { openWorkshop } from './layers.ts'
import { ALL_GRANTED, inParallel, OPEN, tryAttack, tryControl, tryLayer, withLayer, type Line } from './run-suite.ts'
import { makeWorld } from './world.ts'

const AT_ONCE = 2

/** As the table's cells, so that a failure reads like it. */
const unlike = (lines: readonly Line[]): readonly string[] =>
  lines
    .filter((line) => !line.ok)
    .map(
      ({ family, attack, declared, verdict }) =>
        `${family}: ${attack}: declared ${declared}, was ${verdict.outcome} (${verdict.code}: ${verdict.said})`,
    )

describe.skipIf(isMissing('bwrap'))('strangers', () => {
  // The whole matrix, by driver and by layer, is `npm run escapes`.
  test('every hostile agent ends as it is declared to, and none escapes', { timeout: 600_000 }, async () => {
    await using stack = new AsyncDisposableStack()
    const world = await makeWorld()
    stack.defer(() => world.close())
    const workshop = await openWorkshop({ cgroups: true })
    stack.defer(() => workshop.stop())
    const { driver } = findDriver('bubblewrap', 'bwrap')
    if (driver === null) throw new Error('bubblewrap does not work here')
    stack.defer(() => driver.dispose())
    const lines: Line[] = []
    await withLayer(workshop, driver, [], async (layer) => {
      await inParallel(attacks, AT_ONCE, async (each) => void lines.push(await tryAttack(layer, world, each)))
    })
    expect(unlike(lines)).toEqual([])
    expect(lines.length).toBeGreaterThan(480)
  })

  test('walls built without bubblewrap hold as well: every fourth attack', { timeout: 300_000 }, async () => {
    await using stack = new AsyncDisposableStack()
    const world = await makeWorld()
    stack.defer(() => world.close())
    const workshop = await openWorkshop({ cgroups: true })
    stack.defer(() => workshop.stop())
    const { driver, lacking } = findDriver('util-linux', 'bwrap')
    if (driver === null) throw new Error(`util-linux does not work here: ${lacking?.why}`)
    stack.defer(() => driver.dispose())
    const lines: Line[] = []
    const sample = attacks.filter(({ kind }, at) => kind === 'run' && at % 4 === 0)
    await withLayer(workshop, driver, ALL_GRANTED, async (layer) => {
      await inParallel(sample, AT_ONCE, async (each) => {
        if (each.kind === 'run') lines.push(await tryLayer(layer, world, each, 'os'))
      })
    })
    expect(unlike(lines)).toEqual([])
    expect(lines.length).toBeGreaterThan(100)
  })

  test('an attack gets through where its wall is taken away: the suite can see an escape', async () => {
    await using stack = new AsyncDisposableStack()
    const world = await makeWorld()
    stack.defer(() => world.close())
    const workshop = await openWorkshop({ cgroups: true })
    stack.defer(() => workshop.stop())
    const deno = findDriver('deno', 'bwrap').driver
    const { driver } = findDriver('bubblewrap', 'bwrap')
    if (deno === null || driver === null) throw new Error('no drivers here')
    stack.defer(() => deno.dispose())
    stack.defer(() => driver.dispose())
    const walled = workshop.layer(driver)
    stack.defer(() => walled.stop())
    await withLayer(workshop, deno, OPEN, async (open) => {
      const chosen = attacks.filter(({ name }) => ONE_OF_EACH.includes(name))
      const lines: Line[] = []
      await inParallel(chosen, AT_ONCE, async (each) => {
        lines.push(await tryControl({ world, walled, open, crowded: walled, driver }, each))
      })
      expect(lines.map((line) => `${line.attack}: ${line.verdict.outcome}`).toSorted()).toEqual(
        ONE_OF_EACH.map((name) => `${name}: escaped`).toSorted(),
      )
    })
  })
})

const ONE_OF_EACH: readonly string[] = [
  'spins in a loop',
  'forges a charge beyond the cap',
  'a global variable',
  'local storage',
  'reads by Deno.readTextFile',
  'the host’s name',
  'the host’s code',
  'runs a shell by Deno.Command',
  'connects to 127.0.0.1',
  'lets itself be traced',
  'an import of an absolute path',
  'fetches 127.0.0.1',
  'fetches the metadata service',
  'unfolds a gzip bomb',
  'has it echoed as it is',
  'sends it to another host',
  'charges after its answer',
  'puts an artifact above its folder',
  'a package with the script postinstall',
]
