import { expect, test } from 'vitest'
import { runFailures } from '../../src/runs/runs.errors.ts'
import { STORED } from './failure-words.ts'

test('a stored failure is told in the words of the API', () => {
  for (const [code, [title, fix]] of Object.entries(STORED)) {
    const error = Object.entries(runFailures).find(([known]) => known === code)?.[1]()
    expect({ code, title, begins: error?.fix.startsWith(fix) }).toEqual({
      code,
      title: error?.spec.title,
      begins: true,
    })
  }
})
