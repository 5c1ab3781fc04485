import { expect, test } from 'vitest'
import { runFailures } from '../../src/runs/runs.errors.ts'
import { ADVISED } from './creator-advice.ts'

test('a creator is told what to do about every way in which a run can fail', () => {
  // A run that its caller stopped did not fail.
  const codes = Object.keys(runFailures).filter((code) => code !== 'RUN_CANCELED')
  expect(ADVISED.toSorted()).toEqual(codes.toSorted())
})
