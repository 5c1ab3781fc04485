import { afterAll, afterEach } from 'vitest'

const endings: (() => Promise<void>)[] = []
let failures = 0

/** Runs at the end of the test file, after its own `afterAll`s, last registered first. */
export function atEndOfFile(ending: () => Promise<void>): void {
  endings.push(ending)
}

/** Has a test of this file failed so far? */
export function hasFailure(): boolean {
  return failures > 0
}

afterEach(({ task }) => {
  if (task.result?.state === 'fail') failures += 1
})

afterAll(async () => {
  for (const ending of endings.splice(0).toReversed()) await ending()
})
