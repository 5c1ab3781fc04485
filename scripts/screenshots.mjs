#!/usr/bin/env node
// `npm run screenshots [-- FOLDER]`: starts a site of its own, takes pictures of every page and state that the browser
// tests look at (1280 and 390 px, light and dark) into FOLDER, by default `screenshots/`.
import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'
import { installMissing, pinnedNode, ROOT, say } from './runtime.mjs'

const folder = resolve(process.argv[2] ?? 'screenshots')
process.chdir(ROOT)
installMissing('all')
const suites = ['test/journeys/page-states', 'test/journeys/agent-pages', 'test/journeys/agent-failures']
const vitest = spawnSync(pinnedNode(), ['node_modules/vitest/vitest.mjs', 'run', '--project', 'browser', ...suites], {
  stdio: 'inherit',
  env: { ...process.env, BUREAU_SCREENSHOTS: folder },
})
say(`Pictures are in ${folder}`)
process.exitCode = vitest.status ?? 1
