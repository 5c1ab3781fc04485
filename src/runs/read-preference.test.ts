import { expect, test } from 'vitest'
import { readPreference } from './read-preference.ts'

test.each([
  [undefined, null, null],
  ['respond-async', 0, 'respond-async'],
  ['Respond-Async ; foo', 0, 'respond-async'],
  ['wait=10', 10_000, 'wait=10'],
  ['respond-async, wait=5', 5_000, 'wait=5'],
  ['wait=0', 0, 'wait=0'],
  ['wait=99999', 600_000, 'wait=600'],
  ['wait=-1', null, null],
  ['wait=soon', null, null],
  ['return=minimal', null, null],
])('Prefer: %s', (header, queueAndWaitMs, applied) => {
  expect(readPreference(header)).toEqual({ queueAndWaitMs, applied })
})
