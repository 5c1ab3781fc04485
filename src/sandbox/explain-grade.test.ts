import { expect, test } from 'vitest'
import { adviceOf, explainGrade, type GradeFacts } from './explain-grade.ts'
import type { SelfTestCheck } from './sandbox.types.ts'

const check = (name: string, held: boolean): SelfTestCheck => ({ name, held, evidence: 'seen', neededFor: 'strong' })
const HELD = check('permissions: host file by node:fs', true)
const NETWORK = check('outside: a network of its own', false)
const INSTALL = { why: 'bubblewrap is not installed', mend: 'apt-get install -y bubblewrap' }

const facts = (given: Partial<GradeFacts>): GradeFacts => ({
  grade: 'process',
  driver: 'bubblewrap',
  lacking: null,
  checks: [HELD, NETWORK],
  ...given,
})

test('a strong sandbox needs no words, whatever driver it could not have', () => {
  expect(explainGrade(facts({ grade: 'strong', driver: 'util-linux', lacking: INSTALL }))).toEqual({
    why: null,
    mend: null,
  })
})

test.each([
  ['no sandbox at all', { grade: 'none', driver: null, lacking: INSTALL, checks: [] }],
  ['Deno alone', { driver: 'deno', lacking: INSTALL }],
] as const)('%s: what keeps the walls away, and the command that brings them', (_, given) => {
  expect(explainGrade(facts(given))).toEqual(INSTALL)
})

test('walls that bubblewrap left out are named, and the other way to build them', () => {
  const { why, mend } = explainGrade(facts({}))
  expect(why).toBe('1 of 2 checks found a wall missing (outside: a network of its own)')
  expect(mend).toBe('BUREAU_SANDBOX_DRIVER=util-linux npm start')
})

test('walls that util-linux left out: bubblewrap, by the command that installs it', () => {
  expect(explainGrade(facts({ driver: 'util-linux', lacking: INSTALL })).mend).toBe(INSTALL.mend)
  expect(explainGrade(facts({ driver: 'util-linux' })).mend).toBe('BUREAU_SANDBOX_DRIVER=bubblewrap npm start')
})

test('a wall of Deno that fell is not mended by other walls around it', () => {
  const { why, mend } = explainGrade(facts({ grade: 'none', checks: [{ ...HELD, held: false }] }))
  expect(why).toContain('permissions: host file by node:fs')
  expect(mend).toBeNull()
  expect(adviceOf(mend)).toBe('Only the operator can change it.')
})

test('many walls are counted, and some named', () => {
  const checks = ['a', 'b', 'c', 'd', 'e'].map((name) => check(`walls: ${name}`, false))
  expect(explainGrade(facts({ checks })).why).toBe(
    '5 of 5 checks found a wall missing (walls: a; walls: b; walls: c; and 2 more)',
  )
})
