'use client'
import { MantineProvider } from '@mantine/core'
import type { ReactNode } from 'react'
import { cssVariables, theme } from '../../lib/theme.ts'

/** What every page stands in. The theme has functions in it, so it is put together on this side of the wire.
 * @param nonce of the page's policy, for the style sheet of variables that Mantine writes */
export function Providers({ nonce, children }: { readonly nonce?: string | undefined; readonly children: ReactNode }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      {...(nonce === undefined ? {} : { getStyleNonce: () => nonce })}
    >
      {children}
    </MantineProvider>
  )
}
