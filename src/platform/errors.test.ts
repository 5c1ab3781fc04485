import { expect, test } from 'vitest'
import {
  defineErrors,
  EnhancedAppError,
  errorCatalogue,
  handleEnhancedApiError,
  withEnhancedErrorHandling,
} from './errors.ts'

const errors = defineErrors({
  TEST_SHELF_EMPTY: {
    status: 409,
    retry: 'later',
    title: 'The shelf is empty',
    fix: 'Wait for {item}, or take {other}.',
  },
})

test('an operation that succeeds answers what it returned', async () => {
  expect(await withEnhancedErrorHandling(async () => 7)).toBe(7)
})

test('a coded error passes unchanged, so that its code reaches the caller', async () => {
  const coded = errors.TEST_SHELF_EMPTY({ item: 'tea' })
  await expect(withEnhancedErrorHandling(() => Promise.reject(coded))).rejects.toBe(coded)
})

test('a coded error that a library wrapped still reaches the caller with its code', async () => {
  const coded = errors.TEST_SHELF_EMPTY({ item: 'tea' })
  const wrapped = new Error('Factory has thrown an error', { cause: new Error('outer', { cause: coded }) })
  expect(handleEnhancedApiError(wrapped)).toBe(coded)
  const circle = new Error('circle')
  circle.cause = circle
  expect(handleEnhancedApiError(circle).code).toBe('INTERNAL')
})

test('anything else leaves as INTERNAL with the context, and keeps its cause for the log alone', async () => {
  const cause = new TypeError('password=hunter2')
  const thrown: unknown = await withEnhancedErrorHandling(() => Promise.reject(cause), { step: 'restock' }).catch(
    (error: unknown) => error,
  )
  expect(thrown).toBeInstanceOf(EnhancedAppError)
  expect(thrown).toMatchObject({ code: 'INTERNAL', status: 500, retry: 'later', cause, details: { step: 'restock' } })
  expect(JSON.stringify(handleEnhancedApiError(cause))).not.toContain('hunter2')
})

test('a fix is filled in with the facts of the occurrence, and an unknown fact stays visible', () => {
  expect(errors.TEST_SHELF_EMPTY({ item: 'tea' }).fix).toBe('Wait for tea, or take {other}.')
})

test('a code is declared once over all domains, in SCREAMING_SNAKE', () => {
  const spec = { status: 400, retry: 'never', title: 'x', fix: 'y' } as const
  expect(() => defineErrors({ TEST_SHELF_EMPTY: spec })).toThrow('declared twice')
  expect(() => defineErrors({ notSnake: spec })).toThrow('SCREAMING_SNAKE')
  expect(errorCatalogue().get('TEST_SHELF_EMPTY')).toMatchObject({ status: 409 })
})
