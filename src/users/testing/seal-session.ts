import { createRequire } from 'node:module'

/** A session cookie's value as NextAuth writes it in the site. By `require`: its types declare Node's environment anew. */
export const sealSession = (sealing: { token: object; secret: string; maxAge: number }): Promise<string> =>
  nextAuth.encode(sealing)

const nextAuth: { encode(sealing: object): Promise<string> } = createRequire(import.meta.url)('next-auth/jwt')
