import { z } from 'zod'
import { option } from '../platform/config.ts'

export const gatewayOptions = {
  site: option('BUREAU_SITE', z.enum(['built', 'development', 'none']).default('built'), {
    why: 'How pages are served: built (once for each state of the sources, then by a process of its own), development (pages that SITE_URL compiles as they are asked for, `npm run dev`), none (the API alone)',
  }),
  siteUrl: option('SITE_URL', z.url({ protocol: /^https?$/ }).optional(), {
    why: 'The site, where it runs elsewhere; without it this process starts it. It needs the same NEXTAUTH_SECRET',
  }),
  githubId: option('GITHUB_ID', z.string().optional(), {
    why: 'OAuth app of GitHub by which people may sign in. Its callback address is BUREAU_URL/api/auth/callback/github',
  }),
  githubSecret: option('GITHUB_SECRET', z.string().optional(), {
    why: 'Secret of the GitHub app',
    secret: true,
  }),
  googleId: option('GOOGLE_CLIENT_ID', z.string().optional(), {
    why: 'OAuth client of Google by which people may sign in. Its callback address is BUREAU_URL/api/auth/callback/google',
  }),
  googleSecret: option('GOOGLE_CLIENT_SECRET', z.string().optional(), {
    why: 'Secret of the Google client',
    secret: true,
  }),
  oidcIssuer: option('OIDC_ISSUER', z.url({ protocol: /^https?$/ }).optional(), {
    why: 'Any OpenID Connect issuer by which people may sign in, such as https://login.example.com/realms/staff. The callback address is BUREAU_URL/api/auth/callback/oidc',
  }),
  oidcClientId: option('OIDC_CLIENT_ID', z.string().optional(), { why: 'Client at the issuer' }),
  oidcClientSecret: option('OIDC_CLIENT_SECRET', z.string().optional(), {
    why: 'Secret of the client at the issuer',
    secret: true,
  }),
  oidcName: option('OIDC_NAME', z.string().min(1).max(60).default('Single sign-on'), {
    why: 'What the button for the issuer says',
  }),
} as const
