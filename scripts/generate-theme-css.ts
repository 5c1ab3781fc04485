import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  convertCssVariables,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  mergeMantineTheme,
  type CSSVariablesResolver,
} from '@mantine/core'
import { cssVariables, theme } from '../web/lib/theme.ts'

/** The variables that all style sheets of the site draw with. */
export const THEME_CSS = join(import.meta.dirname, '..', 'web', 'app', 'theme.css')

const HEAD = '/* Made by `npm run generate` from web/lib/theme.ts. Edits here are lost. */\n'

type Variables = ReturnType<CSSVariablesResolver>

/** What Mantine's provider would write into each page, as a file: the theme never changes while the site runs, and the
 * provider is 10 kB of scripts. Left out is what Mantine's own style sheet says already, as the provider leaves it out. */
export function generateThemeCss(): string {
  const whole = mergeMantineTheme(DEFAULT_THEME, theme)
  const theirs = defaultCssVariablesResolver(whole)
  const ours = cssVariables(whole)
  const plain = defaultCssVariablesResolver(DEFAULT_THEME)
  const changed = (part: keyof Variables) =>
    Object.fromEntries(
      Object.entries({ ...theirs[part], ...ours[part] }).filter(([name, value]) => plain[part][name] !== value),
    )
  const css = convertCssVariables({ variables: changed('variables'), light: changed('light'), dark: changed('dark') })
  return HEAD + css.replaceAll(/(?<=[{;])/g, '\n').trimStart()
}

export async function isThemeCssCurrent(): Promise<boolean> {
  const committed = await readFile(THEME_CSS, 'utf8').catch(() => '') // Never made yet.
  return committed === generateThemeCss()
}

if (import.meta.main) await writeFile(THEME_CSS, generateThemeCss())
