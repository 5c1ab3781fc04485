import { expect, test } from 'vitest'
import { EnhancedAppError } from '../platform/errors.ts'
import { readManifest, type OperatorLimits } from './read-manifest.ts'

const LIMITS: OperatorLimits = {
  defaultTimeoutMs: 1_000,
  maxTimeoutMs: 5_000,
  maxCpuMs: 4_000,
  defaultMemoryMb: 128,
  maxMemoryMb: 256,
  maxOutputBytes: 1_000,
  maxLogBytes: 500,
  egressRunRequests: 20,
  egressRunBytes: 10_000,
}
const read = (limits: Readonly<Record<string, number>>) =>
  readManifest({ contract: 1, name: 'a', limits }, 'a', LIMITS).manifest.limits

function problemOf(act: () => unknown): string {
  try {
    act()
    return 'taken'
  } catch (error) {
    return error instanceof EnhancedAppError ? `${error.code}: ${error.fix}` : String(error)
  }
}

test.each([
  ['timeoutMs', 5_000],
  ['cpuMs', 4_000],
  ['memoryMb', 256],
  ['outputBytes', 1_000],
  ['logBytes', 500],
  ['egressRequests', 20],
  ['egressBytes', 10_000],
])('a manifest may ask for %s up to the operator’s bound of %i, and one more is refused by name', (field, limit) => {
  expect(read({ [field]: limit })).toMatchObject({ [field]: limit })
  expect(problemOf(() => read({ [field]: limit + 1 }))).toBe(
    `LIMIT_TOO_HIGH: limits.${field} is ${limit + 1}; at most ${limit} is given here.`,
  )
})

test('what a manifest does not name is the operator’s to say on the day of the run', () => {
  expect(read({})).toEqual({ timeoutMs: 1_000, memoryMb: 128, cpuMs: 1_000 })
  expect(read({ timeoutMs: 5_000 }).cpuMs).toBe(4_000)
  expect(read({ logBytes: 0 }).logBytes).toBe(0)
})

test.each([
  ['outputBytes', 0],
  ['egressRequests', 1.5],
  ['egressBytes', -1],
  ['threads', 3],
])('a bound that means nothing is refused: %s %s', (field, asked) => {
  expect(problemOf(() => read({ [field]: asked }))).toMatch(/^MANIFEST_INVALID: .*limits/)
})
