import { z } from 'zod'
import { option } from '../platform/config.ts'

export const gatewayOptions = {
  site: option('BUREAU_SITE', z.enum(['built', 'development', 'none']).default('built'), {
    why: 'How pages are served: built (once for each state of the sources, then by a process of its own), development (pages that SITE_URL compiles as they are asked for, `npm run dev`), none (the API alone)',
  }),
  siteUrl: option('SITE_URL', z.url({ protocol: /^https?$/ }).optional(), {
    why: 'The site, where it runs elsewhere; without it this process starts it. It needs the same NEXTAUTH_SECRET',
  }),
} as const
