/** Counts a run by vitest's JSON report and its exit code, so that nothing that went wrong reads as "0 failed".
 * @param {object | undefined} report undefined if there is none   @param {number | null} exitCode null if it was killed
 * @returns {{ passed: number, failed: number, skipped: number, problems: string[], line: string }} */
export function summarize(report, exitCode) {
  const problems = []
  const passed = report?.numPassedTests ?? 0
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0)
  let failed = report?.numFailedTests ?? 0
  for (const file of report?.testResults ?? []) {
    const inTests = file.assertionResults.filter(isFailure)
    for (const test of inTests) problems.push(`FAILED ${file.name}: ${describe(test)}`)
    if (file.status !== 'failed' || inTests.length > 0) continue
    // It could not be loaded, or one of its hooks failed.
    problems.push(`FAILED outside its tests: ${file.name}: ${firstLines(file.message)}`)
    failed += 1
  }
  if (exitCode !== 0 && failed === 0) {
    problems.push(`FAILED outside the tests: vitest ended with ${exitCode ?? 'a signal'}`)
    failed += 1
  }
  if (passed + failed + skipped === 0) {
    problems.push('FAILED: no test ran')
    failed += 1
  }
  const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
  return { passed, failed, skipped, problems, line }
}

/** More than this is no matter of a busy machine. */
const MOST_TRIED_AGAIN = 5

/** The files worth a second try, alone: what fails only beside others on a busy machine is told apart from what fails.
 * None if one of them is of money (`chaos`): there a failure that comes and goes is the fault itself.
 * @param {object | undefined} report @returns {string[]} */
export function worthAnotherTry(report) {
  const files = (report?.testResults ?? []).filter((file) => file.status === 'failed').map((file) => file.name)
  return files.length > MOST_TRIED_AGAIN || files.some((name) => name.includes('.chaos.')) ? [] : files
}

/** The first report with the files of the second try in the place of their own, and what is to be said of each. What
 * passed alone is counted as passed and named as unsteady.
 * @param {object} first @param {object} second the report of a try in which everything passed
 * @returns {{ report: object, notes: string[] }} */
export function afterSecondTry(first, second) {
  const again = new Map(second.testResults.map((file) => [file.name, file]))
  const notes = first.testResults
    .filter((file) => file.status === 'failed')
    .flatMap((file) => {
      const failures = file.assertionResults.filter(isFailure).map(describe)
      return (failures.length > 0 ? failures : [`outside its tests: ${firstLines(file.message)}`]).map(
        (failure) => `UNSTEADY, failed beside others and passed alone: ${file.name}: ${failure}`,
      )
    })
  const testResults = first.testResults.map((file) => again.get(file.name) ?? file)
  const states = testResults.flatMap((file) => file.assertionResults.map((result) => result.status))
  const count = (...names) => states.filter((state) => names.includes(state)).length
  const report = {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    numPendingTests: count('pending', 'skipped', 'disabled'),
    numTodoTests: count('todo'),
    testResults,
  }
  return { report, notes }
}

const isFailure = (result) => result.status === 'failed'

const describe = (result) => `${result.fullName}: ${firstLines(result.failureMessages?.[0])}`

/** Enough of an error to know it by, on one line. */
function firstLines(text = '') {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('at '))
    .slice(0, 6)
    .join(' | ')
    .slice(0, 500)
}
