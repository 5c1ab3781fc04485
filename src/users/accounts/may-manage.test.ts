import { expect, test } from 'vitest'
import { MEMBER_ROLES } from '../principal.ts'
import { mayManage } from './may-manage.ts'

const FROM_TO = [...MEMBER_ROLES, null].flatMap((before) =>
  [...MEMBER_ROLES, null].map((after) => [before, after] as const),
)

test('an owner manages everybody', () => {
  expect(FROM_TO.every(([before, after]) => mayManage('owner', before, after))).toBe(true)
})

test('an admin manages everybody but owners, and makes none', () => {
  for (const [before, after] of FROM_TO)
    expect([before, after, mayManage('admin', before, after)]).toEqual([
      before,
      after,
      before !== 'owner' && after !== 'owner',
    ])
})

test('developers and billing manage nobody', () => {
  for (const actor of ['developer', 'billing'] as const)
    expect(FROM_TO.some(([before, after]) => mayManage(actor, before, after))).toBe(false)
})
