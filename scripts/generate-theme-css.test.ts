import { expect, test } from 'vitest'
import { isThemeCssCurrent } from './generate-theme-css.ts'

test('web/app/theme.css says what web/lib/theme.ts does (npm run generate)', async () => {
  expect(await isThemeCssCurrent()).toBe(true)
})
