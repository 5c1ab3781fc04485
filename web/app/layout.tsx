import '@mantine/core/styles.layer.css'
import './theme.css'
import './global.css'
import type { Metadata, Viewport } from 'next'
import { headers } from 'next/headers'
import type { ReactNode } from 'react'
import { COLOR_SCHEME_SCRIPT } from '../lib/color-scheme.ts'

export const metadata: Metadata = {
  title: { default: 'Bureau', template: '%s · Bureau' },
  description: 'Agents that do one thing well: see what each costs, run it, keep the result.',
}
export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#ffffff' },
    { media: '(prefers-color-scheme: dark)', color: '#17191f' },
  ],
}

export default async function RootLayout({ children }: { readonly children: ReactNode }) {
  const nonce = (await headers()).get('x-nonce') ?? undefined
  return (
    // The script changes the scheme before React looks. What Mantine draws, the palette, keeps still for whoever asks.
    <html lang="en" data-mantine-color-scheme="light" data-respect-reduced-motion="true" suppressHydrationWarning>
      <head>
        <script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: COLOR_SCHEME_SCRIPT }} />
      </head>
      <body>{children}</body>
    </html>
  )
}
