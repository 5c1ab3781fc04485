import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { ConfigError, loadConfig, option } from './config.ts'

const shelf = {
  shelf: {
    depth: option('SHELF_DEPTH', z.coerce.number().int().min(1).default(3), { why: 'How deep.', unit: 'boards' }),
    isOpen: option('SHELF_OPEN', z.stringbool().default(false), { why: 'Whether.' }),
    secret: option('SHELF_SECRET', z.string().min(4).optional(), { why: 'Whose.', secret: true }),
  },
}

function problemsOf(load: () => unknown): readonly string[] {
  try {
    load()
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

test('empty means unset, and each domain gets its own frozen part', () => {
  const config = loadConfig(shelf, { SHELF_DEPTH: '', SHELF_OPEN: 'true', OTHER: 'x' })
  expect(config).toEqual({ shelf: { depth: 3, isOpen: true, secret: undefined } })
  expect(Object.isFrozen(config) && Object.isFrozen(config.shelf)).toBe(true)
})

test('all problems are named at once, each with its variable', () => {
  const problems = problemsOf(() => loadConfig(shelf, { SHELF_DEPTH: '0', SHELF_OPEN: 'perhaps', SHELF_SECRET: 'abc' }))
  expect(problems.map((problem) => problem.split(':')[0])).toEqual(['SHELF_DEPTH', 'SHELF_OPEN', 'SHELF_SECRET'])
})

test('a secret may stand in a file; both at once, or an unreadable file, is a problem', () => {
  const folder = mkdtempSync(join(tmpdir(), 'config-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'secret')
  writeFileSync(file, 'from the file\n')
  expect(loadConfig(shelf, { SHELF_SECRET_FILE: file }).shelf.secret).toBe('from the file')
  expect(problemsOf(() => loadConfig(shelf, { SHELF_SECRET_FILE: file, SHELF_SECRET: 'direct' }))).toEqual([
    'SHELF_SECRET and SHELF_SECRET_FILE are both set: keep one',
  ])
  expect(problemsOf(() => loadConfig(shelf, { SHELF_SECRET_FILE: `${file}.missing` }))[0]).toContain(
    'SHELF_SECRET_FILE: cannot read',
  )
})
