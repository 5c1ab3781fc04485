import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './markdown.ts'

type Row = {
  readonly id: string
  readonly sentence: string
  readonly files: readonly string[]
  readonly tests: readonly string[]
  /** `stands`, `partly`, `waits`, or whatever else somebody wrote. */
  readonly state: string
  readonly missing: string
}

const STATES = ['stands', 'partly', 'waits']

/** The rows of the table, in their order. Cells are split at bars that are not escaped. */
function rowsOf(text: string): Row[] {
  return text
    .split('\n')
    .filter((line) => /^\| *S\d/.test(line))
    .map((line) => {
      const [, id = '', sentence = '', files = '', tests = '', state = ''] = line
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim())
      const [name = '', ...rest] = state.split(':')
      return {
        id,
        sentence,
        files: pathsIn(files),
        tests: pathsIn(tests),
        state: name.trim(),
        missing: rest.join(':').trim(),
      }
    })
}

const pathsIn = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path)

/** Everything about the page that is not true, as sentences. */
function faultsOf(text: string): string[] {
  const rows = rowsOf(text)
  const faults: string[] = []
  rows.forEach((row, index) => {
    const expected = `S${String(index + 1).padStart(3, '0')}`
    if (row.id !== expected) faults.push(`${row.id} stands where ${expected} should`)
    if (row.sentence === '') faults.push(`${row.id} quotes nothing`)
    if (!STATES.includes(row.state)) faults.push(`${row.id} has the unknown state "${row.state}"`)
    for (const path of [...row.files, ...row.tests]) {
      if (!existsSync(join(root, path))) faults.push(`${row.id} names ${path}, which does not exist`)
    }
    for (const path of row.tests) if (!path.endsWith('.test.ts')) faults.push(`${row.id} names ${path} as a test`)
    for (const path of row.files) if (path.endsWith('.test.ts')) faults.push(`${row.id} names ${path} as code`)
    if (row.state !== 'waits' && row.files.length === 0) faults.push(`${row.id} is built but names no file`)
    if (row.state !== 'waits' && row.tests.length === 0) faults.push(`${row.id} is built but names no test`)
    if (row.state === 'partly' && row.missing === '') faults.push(`${row.id} does not say what is missing`)
  })
  for (const state of STATES) {
    const counted = rows.filter((row) => row.state === state).length
    const claimed = new RegExp(`^- \`${state}\`: (\\d+)$`, 'm').exec(text)?.[1]
    if (claimed !== String(counted)) faults.push(`the head says ${claimed} of ${state}, the table has ${counted}`)
  }
  return faults
}

const page = readFileSync(join(root, 'docs', 'specification.md'), 'utf8')

test('each row of docs/specification.md names files and tests that exist, and the counts at its head are true', () => {
  expect(faultsOf(page)).toEqual([])
})

test('the whole specification is in the table', () => {
  expect(rowsOf(page).length).toBeGreaterThanOrEqual(200)
})

test('a planted false row is found: wrong id, missing path, no test, no reason, unknown state, wrong count', () => {
  const planted = `
- \`stands\`: 2
- \`partly\`: 1
- \`waits\`: 0

| id | sentence | files | tests | state |
| --- | --- | --- | --- | --- |
| S001 | A sentence | \`src/main.ts\` | \`test/house/nowhere.test.ts\` | stands |
| S003 | With a \\| bar | \`src/main.ts\` |  | stands |
| S003 |  | \`test/house/specification.test.ts\` | \`src/main.ts\` | partly |
| S004 | Another |  |  | done |
`
  expect(faultsOf(planted)).toEqual([
    'S001 names test/house/nowhere.test.ts, which does not exist',
    'S003 stands where S002 should',
    'S003 is built but names no test',
    'S003 quotes nothing',
    'S003 names src/main.ts as a test',
    'S003 names test/house/specification.test.ts as code',
    'S003 does not say what is missing',
    'S004 has the unknown state "done"',
    'S004 is built but names no file',
    'S004 is built but names no test',
  ])
})
