#!/usr/bin/env node
// `npm test [-- vitest's arguments]`: installs what is missing, runs the tests on the pinned Node, and ends with one line
// that says how many passed and failed. Files that fail are tried once more, alone; what passes then is named.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { installMissing, pinnedNode, ROOT, say } from './runtime.mjs'
import { afterSecondTry, summarize, worthAnotherTry } from './test-report.mjs'

process.chdir(ROOT)
installMissing('all')
const reportFile = resolve(process.env.BUREAU_TEST_REPORT ?? 'test-results/report.json')
const secondFile = reportFile.replace(/(\.json)?$/, '.second-try.json')
mkdirSync(dirname(reportFile), { recursive: true })
// A run that dies early must not be summed up by the report of the one before.
for (const file of [reportFile, secondFile]) {
  rmSync(file, { force: true })
  rmSync(`${file}.outside`, { force: true })
}
// Ctrl-C reaches vitest from the terminal; we wait for it to clear up.
let isInterrupted = false
process.on('SIGINT', () => {
  isInterrupted = true
})

let status = runVitest(process.argv.slice(2), reportFile)
let report = readReport(reportFile)
const notes = []
// A signal that came while we waited is told in the next turn.
await new Promise((resolve) => setImmediate(resolve))
const isTold = status !== null && !isInterrupted && !existsSync(`${reportFile}.outside`)
const again = isTold ? worthAnotherTry(report) : []
if (again.length > 0) {
  say(`\nOnce more, alone: ${again.join(', ')}`)
  const second = runVitest(['--maxWorkers=1', ...again], secondFile)
  if (second === 0) {
    const told = afterSecondTry(report, readReport(secondFile))
    status = second
    report = told.report
    notes.push(...told.notes)
  }
}
const summary = summarize(report, status)
for (const line of [...notes, ...summary.problems]) say(`!!! ${line}`)
process.stdout.write(`${summary.line}\n`)
process.exitCode = summary.failed > 0 ? status || 1 : (status ?? 1)

function runVitest(args, into) {
  return spawnSync(pinnedNode(), ['node_modules/vitest/vitest.mjs', 'run', ...args], {
    stdio: 'inherit',
    env: { ...process.env, BUREAU_TEST_REPORT: into },
  }).status
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    // Vitest ended before it wrote one; the summary says so.
    return undefined
  }
}
