#!/usr/bin/env node
// `npm test [-- vitest's arguments]`: installs what is missing, runs the tests on the pinned Node, and ends with one line
// that says how many passed and failed.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { installMissing, pinnedNode, ROOT, say } from './runtime.mjs'
import { summarize } from './test-report.mjs'

process.chdir(ROOT)
installMissing('all')
const report = resolve(process.env.BUREAU_TEST_REPORT ?? 'test-results/report.json')
mkdirSync(dirname(report), { recursive: true })
// A run that dies early must not be summed up by the report of the one before.
rmSync(report, { force: true })
// Ctrl-C reaches vitest from the terminal; we wait for it to clear up.
process.on('SIGINT', () => undefined)
const vitest = spawnSync(pinnedNode(), ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, BUREAU_TEST_REPORT: report },
})
const summary = summarize(readReport(), vitest.status)
for (const problem of summary.problems) say(problem)
process.stdout.write(`${summary.line}\n`)
process.exitCode = summary.failed > 0 ? vitest.status || 1 : (vitest.status ?? 1)

function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    // Vitest ended before it wrote one; the summary says so.
    return undefined
  }
}
