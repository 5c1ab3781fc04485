import type { Reporter, TestModule, Vitest } from 'vitest/node'
import { findProgram, PROGRAMS } from './capabilities.ts'

/** Says at the very end, so that nobody takes it for a pass, what was skipped and what the machine lacks for it.
 * With `BUREAU_REQUIRE=all` any skip fails the run. Listed after the reporter that prints the summary. */
export default class MissingReporter implements Reporter {
  #picksByName = false

  onInit(vitest: Vitest): void {
    // `-t` leaves out all other tests; whoever types it knows.
    this.#picksByName = vitest.config.testNamePattern !== undefined
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) =>
      [...module.children.allTests('skipped')].map((test) => `${module.relativeModuleId}: ${test.fullName}`),
    )
    if (skipped.length === 0 || this.#picksByName) return
    const isForbidden = process.env['BUREAU_REQUIRE'] === 'all'
    if (isForbidden) process.exitCode = 1
    const lacking = PROGRAMS.filter(({ program }) => findProgram(program) === undefined)
    const lines = [
      `${skipped.length} tests were SKIPPED${isForbidden ? ', which BUREAU_REQUIRE=all forbids' : ''}:`,
      ...skipped.map((name) => `  ${name}`),
      ...lacking.map((lack) => `${lack.program} is missing: apt-get install ${lack.package}`),
    ]
    process.stderr.write(`\n${lines.map((line) => `!!! ${line}\n`).join('')}\n`)
  }
}
