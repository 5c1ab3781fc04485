import { systemClock } from '../platform/clock.ts'
import { createLogger } from '../platform/logger.ts'
import type { BureauConfig } from '../roles/config.ts'
import { createSandbox, inspectHost, thisHost, type HostCheck, type SandboxReport } from '../sandbox/index.ts'

export type Diagnosis = { readonly report: SandboxReport; readonly checks: readonly HostCheck[] }

/** `bureau doctor`: starts a sandbox as the site does, lets it try every wall, and looks at the settings of this machine.
 * @returns what to print, and whether isolation is strong */
export async function doctor(config: Pick<BureauConfig, 'sandbox'>): Promise<{ text: string; isStrong: boolean }> {
  const sandbox = createSandbox({ config: config.sandbox, log: createLogger('silent', 2), clock: systemClock })
  try {
    // What keeps it from starting is in its report, with all that this machine says about it.
    await sandbox.start(new AbortController().signal).catch(() => undefined)
    if (sandbox.report().driver !== 'none') await sandbox.tryPython()
    const report = sandbox.report()
    const checks = inspectHost(thisHost, report.limiter)
    return { text: diagnosisText({ report, checks }), isStrong: report.grade === 'strong' }
  } finally {
    await sandbox.stop()
  }
}

const SIGNS = { ok: 'ok    ', advice: 'advice', missing: 'MISSING' } as const

/** Agents in Python are served or not; nothing else depends on it. */
function pythonLines({ grade, version, why, mend, checks }: SandboxReport['python']): readonly string[] {
  const fallen = checks.filter((check) => !check.held)
  return [
    `Agents in Python: ${grade === 'strong' ? `served by CPython ${version ?? ''}, isolation strong` : `not served: ${why ?? grade}`}`,
    ...(mend === null ? [] : [`         > ${mend}`]),
    ...(checks.length === 0 ? [] : [`Walls around Python: ${checks.length - fallen.length} of ${checks.length} held`]),
    ...fallen.map(({ name, evidence }) => `FELL     ${name}: ${evidence}`),
  ]
}

/** One line a setting, then one a wall that fell; below each what to type. */
export function diagnosisText({ report, checks }: Diagnosis): string {
  const fallen = report.checks.filter((check) => !check.held)
  const held = report.checks.length - fallen.length
  const lines = [
    `isolation: ${report.grade} (driver ${report.driver}, limits by ${report.limiter})`,
    ...(report.why === null ? [] : [`         ${report.why}`]),
    ...(report.mend === null ? [] : [`         > ${report.mend}`]),
    `memory for sandboxes: ${report.memory.budgetMb} MB, of which at most ${report.mostBlanks} blanks booted in idle moments`,
    '',
    'This machine',
    ...checks.flatMap(({ name, state, evidence, mend }) => [
      `${SIGNS[state].padEnd(8)} ${name}: ${evidence}`,
      ...(mend === null ? [] : [`         > ${mend}`]),
    ]),
    '',
    `Walls tried just now: ${held} of ${report.checks.length} held`,
    ...fallen.map(({ name, evidence }) => `FELL     ${name}: ${evidence}`),
    '',
    ...pythonLines(report.python),
  ]
  return `${lines.join('\n')}\n`
}
