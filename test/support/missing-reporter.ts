import { writeFileSync } from 'node:fs'
import type { Reporter, SerializedError, TestModule, Vitest } from 'vitest/node'
import { findProgram, PROGRAMS } from './capabilities.ts'

/** Says at the very end, so that nobody takes it for a pass, what was skipped and what the machine lacks for it.
 * With `BUREAU_REQUIRE=all` any skip fails the run. Listed after the reporter that prints the summary. What fails a run
 * and is no failed test goes beside the report, which does not know it, as `report.json.outside`. */
export default class MissingReporter implements Reporter {
  #picksByName = false

  onInit(vitest: Vitest): void {
    // `-t` leaves out all other tests; whoever types it knows.
    this.#picksByName = vitest.config.testNamePattern !== undefined
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const outside = unhandled.map((error) => `an error outside all tests: ${error.message}`)
    const skipped = modules.flatMap((module) =>
      [...module.children.allTests('skipped')].map((test) => `${module.relativeModuleId}: ${test.fullName}`),
    )
    const isForbidden = process.env['BUREAU_REQUIRE'] === 'all' && skipped.length > 0 && !this.#picksByName
    if (isForbidden) outside.push(`${skipped.length} skipped, which BUREAU_REQUIRE=all forbids`)
    const report = process.env['BUREAU_TEST_REPORT']
    if (report && outside.length > 0) writeFileSync(`${report}.outside`, outside.join('\n'))
    if (skipped.length === 0 || this.#picksByName) return
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
