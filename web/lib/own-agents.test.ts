import { expect, test } from 'vitest'
import { latelyWords, readOwnAgents, standingWords, versionWords, type OwnAgent } from './own-agents.ts'

const sorter: OwnAgent = {
  id: 'a',
  name: 'Bulb sorter',
  owner: 'ada',
  slug: 'bulb-sorter',
  status: 'active',
  visibility: 'public',
  version: 3,
  lately: { days: 30, runs: 1_240, failed: 12, earned: '96.5' },
}
const lately = (changes: Partial<OwnAgent['lately']>): string =>
  latelyWords({ ...sorter, lately: { ...sorter.lately, ...changes } })

test('what an agent did lately is said in one sentence', () => {
  expect([
    lately({}),
    lately({ runs: 1, failed: 1, earned: '0' }),
    lately({ runs: 2, failed: 0, earned: '1' }),
    lately({ runs: 0, failed: 0, earned: '0' }),
  ]).toEqual([
    '1\u202f240 runs in 30 days, 12 failed, 96.5 credits earned.',
    '1 run in 30 days, 1 failed, nothing earned.',
    '2 runs in 30 days, none failed, 1 credit earned.',
    'Nobody else ran it in 30 days.',
  ])
})

test('where an agent stands, in which version, and who sees it', () => {
  expect([
    standingWords(sorter),
    versionWords(sorter),
    versionWords({ ...sorter, visibility: 'unlisted' }),
    standingWords({ ...sorter, status: 'draft' }),
    versionWords({ ...sorter, version: null, visibility: 'private' }),
  ]).toEqual([
    'Live',
    'Version 3, for everybody',
    'Version 3, for who has its address',
    'Draft',
    'No version yet, for this account alone',
  ])
})

test('an item without a field that was asked for is left out rather than shown half', () => {
  expect(readOwnAgents([sorter, { ...sorter, lately: undefined }])).toEqual([sorter])
})
