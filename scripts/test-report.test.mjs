import { expect, test } from 'vitest'
import { summarize } from './test-report.mjs'

const file = (status, ...results) => ({
  name: 'a.test.ts',
  status,
  assertionResults: results.map((result) => ({ status: result })),
})
const report = (counts, ...testResults) => ({
  numPassedTests: 0,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  ...counts,
  testResults,
})

test('a clean run says how many passed and that none failed', () => {
  expect(summarize(report({ numPassedTests: 2 }, file('passed', 'passed', 'passed')), 0).line).toBe(
    '2 passed, 0 failed',
  )
})

test('skipped tests are named apart from the passed ones', () => {
  expect(summarize(report({ numPassedTests: 1, numPendingTests: 3 }), 0).line).toBe('1 passed, 0 failed, 3 skipped')
})

test('a file that cannot be loaded counts as a failure although no test of it ran', () => {
  expect(summarize(report({ numPassedTests: 5 }, file('failed')), 1).line).toBe('5 passed, 1 failed')
})

test('a failed test and its failed file count once', () => {
  expect(summarize(report({ numFailedTests: 1 }, file('failed', 'failed')), 1).line).toBe('0 passed, 1 failed')
})

test('an error outside all tests, or a killed run, is never summed up as 0 failed', () => {
  expect(summarize(report({ numPassedTests: 5 }), 1).failed).toBe(1)
  expect(summarize(undefined, null).failed).toBe(1)
  expect(summarize(undefined, 0).failed).toBe(1)
})
