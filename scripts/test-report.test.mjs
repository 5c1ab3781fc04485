import { expect, test } from 'vitest'
import { afterSecondTry, summarize, worthAnotherTry } from './test-report.mjs'

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

const failing = (name, message) => ({
  name,
  status: 'failed',
  assertionResults: [
    { status: 'passed', fullName: 'holds' },
    { status: 'failed', fullName: 'is quick', failureMessages: [`${message}\n    at somewhere.ts:1:1`] },
  ],
})
const passing = (name) => ({
  name,
  status: 'passed',
  assertionResults: [
    { status: 'passed', fullName: 'holds' },
    { status: 'passed', fullName: 'is quick' },
  ],
})

test('the last lines say which test failed, and of what', () => {
  const { problems } = summarize(report({ numPassedTests: 1, numFailedTests: 1 }, failing('a.test.ts', 'too late')), 1)
  expect(problems).toEqual(['FAILED a.test.ts: is quick: too late'])
})

test('what fails beside others and passes alone is counted as passed, and named', () => {
  const first = report({ numPassedTests: 3, numFailedTests: 1 }, failing('a.test.ts', 'too late'), passing('b.test.ts'))
  expect(worthAnotherTry(first)).toEqual(['a.test.ts'])
  const { report: merged, notes } = afterSecondTry(first, report({}, passing('a.test.ts')))
  expect(summarize(merged, 0).line).toBe('4 passed, 0 failed')
  expect(notes).toEqual(['UNSTEADY, failed beside others and passed alone: a.test.ts: is quick: too late'])
})

test('tests of money are never tried again, nor is a run in which much failed', () => {
  const failed = (name) => failing(name, 'no')
  expect(worthAnotherTry(report({}, failed('a.test.ts'), failed('kill.chaos.test.ts')))).toEqual([])
  expect(worthAnotherTry(report({}, ...['1', '2', '3', '4', '5', '6'].map(failed)))).toEqual([])
  expect(worthAnotherTry(report({}, passing('a.test.ts')))).toEqual([])
  expect(worthAnotherTry(undefined)).toEqual([])
})
