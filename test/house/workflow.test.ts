import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { root } from './markdown.ts'

test('every push to main and every pull request is checked by .ci/run, on the oldest Node and on a new one', () => {
  const workflow = readFileSync(join(root, '.github/workflows/ci.yml'), 'utf8')
  expect(workflow).toMatch(/^on:\n {2}push:\n {4}branches: \[main\]\n {2}pull_request:$/m)
  expect(workflow).toMatch(/^ +- run: \.ci\/run$/m)
  expect([...workflow.matchAll(/\{ node: (\d+), npm: \d+ \}/g)].map(([, node]) => node)).toEqual(['20', '24'])
})
