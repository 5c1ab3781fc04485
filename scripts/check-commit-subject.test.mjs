import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

function check(message) {
  const directory = mkdtempSync(join(tmpdir(), 'bureau-subject-'))
  const file = join(directory, 'COMMIT_EDITMSG')
  writeFileSync(file, message)
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'check-commit-subject.mjs'), file],
    { encoding: 'utf8' },
  )
  rmSync(directory, { recursive: true })
  return status === 0 ? 'accepted' : stderr
}

test('a subject that tells the effect is accepted', () => {
  expect(check('Release the hold when a sandbox dies before its first frame\n\nThe run stayed …\n')).toBe('accepted')
})

test.for([
  ['Fixes the thing', 'names the work'],
  ['added tests', 'capital letter'],
  [`Release ${'x'.repeat(70)}`, 'of 72'],
  ['Release the hold.', 'full stop'],
])('"%s" is refused', ([message, reason]) => {
  expect(check(message)).toContain(reason)
})
