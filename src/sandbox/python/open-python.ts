import type { Logger } from '../../platform/logger.ts'
import type { DriverSearch } from '../driver.ts'
import type { ExecuteDeps } from '../execute-agent-code.ts'
import { namesOfFallen } from '../explain-grade.ts'
import type { PoolDeps } from '../pool.ts'
import type { PythonReport } from '../sandbox.types.ts'
import { gradeOf } from '../self-test.ts'
import { findUtilLinux, type UtilLinux } from '../util-linux-driver.ts'
import { findPython } from './find-python.ts'
import { pythonDriver } from './python-driver.ts'
import { testPython } from './test-python.ts'

export const UNTRIED: PythonReport = { grade: 'untried', version: null, why: null, mend: null, checks: [] }

export type OpenPythonDeps = {
  readonly config: { readonly python: string; readonly bubblewrap: string }
  /** What keeps a stronger driver from working here. */
  readonly lacking: DriverSearch['lacking']
  readonly pool: PoolDeps
  readonly execute: ExecuteDeps
  readonly log: Logger
}

/** Makes Python ready to serve: finds it, gives the pool a driver for it, and tries its walls. Called when the first agent
 * needs it, so that a host without Python agents neither starts Python nor keeps a process of it. */
export async function openPython(deps: OpenPythonDeps): Promise<PythonReport> {
  const { config, log, pool, execute } = deps
  // An earlier try's, which did not hold.
  execute.pool.python?.dispose()
  execute.pool.setPython(null)
  const refuse = (why: string, mend: string | null): PythonReport => {
    log.warn({ why, mend }, 'Python agents are not run here')
    return { ...UNTRIED, grade: 'none', why, mend }
  }
  const around = aroundPython(deps)
  if ('why' in around) return refuse(around.why, around.mend)
  const { python, lacking } = await findPython(config.python)
  if (python === null) return refuse(lacking.why, lacking.mend)
  const driver = pythonDriver(python, around.program)
  execute.pool.setPython(driver)
  await driver.prepare(0)
  const withPython: PoolDeps = { ...pool, python: driver }
  const checks = await testPython({ execute, pool: withPython })
  const grade = gradeOf(checks)
  const version = python.versionText
  if (grade !== 'strong') {
    const fallen = checks.filter((check) => !check.held)
    log.warn({ grade, version, fallen }, 'Python agents are not run here')
    const why = `isolation of Python is ${grade}: ${namesOfFallen(checks)}`
    return { grade, version, why, mend: null, checks }
  }
  log.info({ grade, version }, 'Python ready')
  execute.pool.want('python')
  return { grade, version, why: null, mend: null, checks }
}

/** What builds the walls of all other sandboxes builds Python's too; Deno alone builds none. */
function aroundPython({ config, pool, lacking }: OpenPythonDeps): Around | Lacking {
  if (pool.driver.kind === 'bubblewrap') return { program: config.bubblewrap }
  const needs = 'Python needs the walls of the operating system around it'
  if (pool.driver.kind === 'deno')
    return { why: `${needs}: ${lacking?.why ?? 'there are none'}`, mend: lacking?.mend ?? null }
  const programs = findUtilLinux()
  return 'missing' in programs ? { why: `${needs}: missing: ${programs.missing}`, mend: null } : { program: programs }
}

type Around = { readonly program: string | UtilLinux }
type Lacking = NonNullable<DriverSearch['lacking']>
