import type { Logger } from '../../platform/logger.ts'
import { findDriver } from '../driver.ts'
import type { ExecuteDeps } from '../execute-agent-code.ts'
import type { PoolDeps } from '../pool.ts'
import type { PythonReport } from '../sandbox.types.ts'
import { gradeOf } from '../self-test.ts'
import { findPython } from './find-python.ts'
import { pythonDriver } from './python-driver.ts'
import { testPython } from './test-python.ts'

export const UNTRIED: PythonReport = { grade: 'untried', version: null, why: null, mend: null, checks: [] }

export type OpenPythonDeps = {
  readonly config: { readonly python: string; readonly bubblewrap: string; readonly driver: string }
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
  if (pool.driver.kind !== 'bubblewrap') {
    const { lacking } = findDriver('bubblewrap', config.bubblewrap)
    return refuse(
      `Python needs bubblewrap around it: ${lacking?.why ?? 'another driver is set'}`,
      lacking?.mend ?? null,
    )
  }
  const { python, lacking } = await findPython(config.python)
  if (python === null) return refuse(lacking.why, lacking.mend)
  const driver = pythonDriver(python, config.bubblewrap)
  execute.pool.setPython(driver)
  await driver.prepare(0)
  const withPython: PoolDeps = { ...pool, python: driver }
  const checks = await testPython({ execute, pool: withPython })
  const grade = gradeOf(checks)
  const version = python.versionText
  if (grade !== 'strong') {
    const fallen = checks.filter((check) => !check.held)
    log.warn({ grade, version, fallen }, 'Python agents are not run here')
    const why = `isolation of Python is ${grade}: ${fallen.map((check) => check.name).join(', ')}`
    return { grade, version, why, mend: null, checks }
  }
  log.info({ grade, version }, 'Python ready')
  execute.pool.want('python')
  return { grade, version, why: null, mend: null, checks }
}
