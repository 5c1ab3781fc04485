/** `npm run escapes`: the hostile suite in full, every attack by driver and layer, with its control. Usage:
 *   node test/escapes/run.ts [--only TEXT] [--driver NAME] [--layer NAME] [--no-cgroups] [--write FILE]
 * Exit 0 when every outcome is the declared one. */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { findDriver } from '../../src/sandbox/driver.ts'
import { attacks } from './attacks/index.ts'
import { openWorkshop } from './layers.ts'
import { ALL_GRANTED, inParallel, OPEN, tryAttack, tryControl, tryLayer, withLayer, type Line } from './run-suite.ts'
import { toTable } from './table.ts'
import { makeWorld } from './world.ts'

const AT_ONCE = 2
const DRIVERS = ['bubblewrap', 'util-linux', 'deno'] as const

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      driver: { type: 'string' },
      layer: { type: 'string' },
      'no-cgroups': { type: 'boolean', default: false },
      write: { type: 'string' },
    },
  })
  const chosen = attacks.filter(
    (each) => values.only === undefined || `${each.family} ${each.name}`.includes(values.only),
  )
  const wants = (layer: string): boolean => values.layer === undefined || values.layer === layer
  const lines: Line[] = []
  const tell = (line: Line): void => {
    lines.push(line)
    if (!line.ok)
      process.stderr.write(
        `${line.layer} ${line.driver} | ${line.family}: ${line.attack} | declared ${line.declared}, was ${line.verdict.outcome} ${line.verdict.code}: ${line.verdict.said.replaceAll('\n', ' ')}\n`,
      )
  }
  await using stack = new AsyncDisposableStack()
  const world = await makeWorld()
  stack.defer(() => world.close())
  const workshop = await openWorkshop({ cgroups: !values['no-cgroups'] })
  stack.defer(() => workshop.stop())
  const deno = findDriver('deno', 'bwrap').driver
  if (deno === null) throw new Error('there is no Deno here')
  stack.defer(() => deno.dispose())
  const startedAt = Date.now()
  for (const name of DRIVERS.filter((each) => values.driver === undefined || values.driver === each)) {
    const { driver, lacking } = name === 'deno' ? { driver: deno, lacking: null } : findDriver(name, 'bwrap')
    if (driver === null) {
      process.stderr.write(`${name} is left out: ${lacking?.why ?? 'it does not work here'}\n`)
      continue
    }
    if (name !== 'deno') stack.defer(() => driver.dispose())
    await withLayer(workshop, driver, [], async (walled) => {
      if (name === 'deno') {
        const alone = chosen.filter((each) => each.kind === 'run')
        if (wants('permissions'))
          await inParallel(alone, AT_ONCE, async (each) => tell(await tryLayer(walled, world, each, 'permissions')))
        return
      }
      if (wants('all')) await inParallel(chosen, AT_ONCE, async (each) => tell(await tryAttack(walled, world, each)))
      const runs = chosen.filter((each) => each.kind === 'run')
      if (wants('os'))
        await withLayer(workshop, driver, ALL_GRANTED, async (granted) => {
          await inParallel(runs, AT_ONCE, async (each) => tell(await tryLayer(granted, world, each, 'os')))
        })
      // What a control shows does not hang on who built the walls that it takes away.
      if (wants('control') && (name === 'bubblewrap' || values.driver === name))
        await withLayer(workshop, deno, OPEN, async (open) => {
          const crowded = workshop.layer(driver, ['limits'], 100_000)
          await inParallel(chosen, AT_ONCE, async (each) =>
            tell(await tryControl({ world, walled, open, crowded, driver }, each)),
          )
          await crowded.stop()
        })
    })
  }
  const table = toTable(lines, {
    user: process.getuid?.() === 0 ? 'root' : 'an ordinary user',
    limiter: workshop.limiter?.kind ?? 'watchdog',
    tookMs: Date.now() - startedAt,
  })
  if (values.write !== undefined) await writeFile(values.write, table.text)
  process.stdout.write(`${table.summary}\n`)
  return lines.some((each) => !each.ok) ? 1 : 0
}

process.exitCode = await main()
