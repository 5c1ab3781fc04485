import { expect, test } from 'vitest'
import { homeNotes } from './home-notes.ts'

const settled = {
  hasTwoFactor: true,
  hasPassword: true,
  available: '50',
  spentMicro: 1_000_000n,
  isAdmin: false,
}

test('home says what needs somebody, credits first, and nothing when nothing does', () => {
  expect(homeNotes(settled)).toEqual([])
  expect(homeNotes({ ...settled, hasTwoFactor: false, available: '0' }).map(({ id }) => id)).toEqual([
    'credits',
    'two-factor',
  ])
})

test('a balance that is not for this person is no alarm, and who has no password is not asked for a second factor', () => {
  expect(homeNotes({ ...settled, available: null, hasPassword: false, hasTwoFactor: false })).toEqual([])
})
