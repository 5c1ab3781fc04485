import { expect, test } from 'vitest'
import { PERMISSIONS, SCOPES } from '../../src/users/principal.ts'
import { curlFor, keyOrder, SCOPE_WORDS, scopesOf } from './key-form.ts'

const NOW_MS = Date.parse('2026-11-25T12:00:00Z')
const typed = { name: ' ci ', scopes: ['runs.create', 'everything'], agentIds: [], days: '30', cap: '2.5' }

test('a key is ordered with what was typed: days as a moment, credits as micro-credits, unknown scopes left out', () => {
  expect(keyOrder(typed, NOW_MS)).toEqual({
    order: {
      name: 'ci',
      scopes: ['runs.create'],
      agentIds: [],
      expiresAt: '2026-12-25T12:00:00.000Z',
      monthlyCapMicro: '2500000',
    },
  })
  expect(keyOrder({ ...typed, days: 'never', cap: '' }, NOW_MS)).toMatchObject({
    order: { expiresAt: null, monthlyCapMicro: null },
  })
})

test('a key without a name, without a scope or with a cap that is no amount is not ordered', () => {
  const wrong = keyOrder({ ...typed, name: ' ', scopes: [], cap: '-1' }, NOW_MS)
  expect('faults' in wrong && Object.keys(wrong.faults)).toEqual(['name', 'scopes', 'cap'])
  expect(keyOrder({ ...typed, cap: '0' }, NOW_MS)).toHaveProperty('faults.cap')
})

test('every scope that a key can have is offered in words, and nobody is offered more than they may', () => {
  expect(Object.keys(SCOPE_WORDS).toSorted()).toEqual([...SCOPES].toSorted())
  expect(scopesOf(PERMISSIONS)).toHaveLength(SCOPES.length)
  expect(scopesOf(['runs.read'])).toEqual(['runs.read'])
})

test('the ready call is safe to paste, whatever the key or the agent are called', () => {
  expect(curlFor('https://bureau.example', "a'; rm -rf / #", 'x/../y')).toContain(`Bearer a'\\''; rm -rf / #'`)
  expect(curlFor('https://bureau.example', 'k', 'x/../y')).toContain('/api/agents/x%2F..%2Fy/run')
})
