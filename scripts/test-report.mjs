/** Counts a run by vitest's JSON report and its exit code, so that nothing that went wrong reads as "0 failed".
 * @param {object | undefined} report undefined if there is none   @param {number | null} exitCode null if it was killed
 * @returns {{ passed: number, failed: number, skipped: number, problems: string[], line: string }} */
export function summarize(report, exitCode) {
  const problems = []
  const passed = report?.numPassedTests ?? 0
  const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0)
  let failed = report?.numFailedTests ?? 0
  for (const file of report?.testResults ?? []) {
    const inTests = file.assertionResults.some((result) => result.status === 'failed')
    if (file.status !== 'failed' || inTests) continue
    // It could not be loaded, or one of its hooks failed.
    problems.push(`FAILED outside its tests: ${file.name}`)
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
