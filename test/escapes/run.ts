/** `npm run escapes`: the hostile suite in full, every attack by driver and layer, with its control. Usage:
 *   node test/escapes/run.ts [--only TEXT] [--driver NAME] [--layer NAME] [--no-cgroups] [--write FILE]
 * `--driver python` is Python by bubblewrap and by util-linux.
 * Exit 0 when every outcome is the declared one. */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { findDriver } from '../../src/sandbox/driver.ts'
import { findPython, type Python } from '../../src/sandbox/python/find-python.ts'
import { pythonDriver } from '../../src/sandbox/python/python-driver.ts'
import { findUtilLinux, type UtilLinux } from '../../src/sandbox/util-linux-driver.ts'
import type { Attack, RunAttack } from './attack.ts'
import { attacks } from './attacks/index.ts'
import { openWorkshop, type Workshop } from './layers.ts'
import { pythonAttacks } from './python/attacks.ts'
import { openPython } from './python/open-python.ts'
import { ALL_GRANTED, inParallel, OPEN, tryAttack, tryControl, tryLayer, withLayer, type Line } from './run-suite.ts'
import { toTable } from './table.ts'
import { makeWorld, type World } from './world.ts'

const AT_ONCE = 2
const DRIVERS = ['bubblewrap', 'util-linux', 'deno'] as const

const isChosen = ({ family, name }: Attack, only: string | undefined): boolean =>
  only === undefined || `${family} ${name}`.includes(only)

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
  const chosen = attacks.filter((each) => isChosen(each, values.only))
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
  if (values.driver === undefined || values.driver === 'python') {
    const { python, lacking } = await findPython('auto')
    const agents = pythonAttacks.filter((each) => isChosen(each, values.only))
    if (python === null) process.stderr.write(`Python is left out: ${lacking.why}\n`)
    else
      for (const name of ['bubblewrap', 'util-linux'] as const) {
        const around = wallsOf(name)
        if (around === null) process.stderr.write(`Python by ${name} is left out: it does not work here\n`)
        else await tryPythonAgents({ python, around, name, world, workshop, agents, wants, tell })
      }
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

/** What Python's walls are built by, where that works. */
function wallsOf(name: 'bubblewrap' | 'util-linux'): string | UtilLinux | null {
  const { driver } = findDriver(name, 'bwrap')
  driver?.dispose()
  if (driver === null) return null
  const programs = findUtilLinux()
  return name === 'bubblewrap' ? 'bwrap' : 'missing' in programs ? null : programs
}

type PythonTrial = {
  readonly python: Python
  readonly around: string | UtilLinux
  readonly name: 'bubblewrap' | 'util-linux'
  readonly world: World
  readonly workshop: Workshop
  readonly agents: readonly RunAttack[]
  readonly wants: (layer: string) => boolean
  readonly tell: (line: Line) => void
}

/** Agents in Python have the operating system's walls alone: one layer, and the controls. */
async function tryPythonAgents(trial: PythonTrial): Promise<void> {
  const { python, around, name, world, workshop, agents, wants } = trial
  const driver = pythonDriver(python, around)
  const tell = (line: Line): void => trial.tell({ ...line, driver: `Python by ${name}` })
  const bare = openPython(python)
  try {
    await withLayer(workshop, driver, [], async (walled) => {
      if (wants('all')) await inParallel(agents, AT_ONCE, async (each) => tell(await tryAttack(walled, world, each)))
      // As above: it does not hang on who built the walls.
      if (!wants('control') || name !== 'bubblewrap') return
      await withLayer(workshop, bare, [], async (open) => {
        const crowded = workshop.layer(driver, ['limits'], 100_000)
        const controls = { world, walled, open, crowded, driver }
        await inParallel(agents, AT_ONCE, async (each) => tell(await tryControl(controls, each)))
        await crowded.stop()
      })
    })
  } finally {
    driver.dispose()
    bare.dispose()
  }
}

process.exitCode = await main()
