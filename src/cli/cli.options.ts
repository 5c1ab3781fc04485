import { z } from 'zod'
import { option } from '../platform/config.ts'

/** For the command line as a client of a site, here or elsewhere. */
export const cliOptions = {
  apiUrl: option('BUREAU_API_URL', z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:3000'), {
    why: 'The site that `bureau agent publish` publishes on.',
  }),
  apiKey: option('BUREAU_API_KEY', z.string().startsWith('bur_', 'an API key begins with bur_').optional(), {
    why: 'The key that `bureau agent publish` acts with; it needs the scopes agents.read and agents.write.',
    secret: true,
  }),
} as const
