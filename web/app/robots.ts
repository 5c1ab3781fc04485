import type { MetadataRoute } from 'next'
import { headers } from 'next/headers'
import { publicUrl } from '../lib/environment.mjs'

/** What is somebody's own, and what answers programs, has nothing to do in an index. */
export default async function robots(): Promise<MetadataRoute.Robots> {
  // As every page: made when it is asked for, because a build knows no address.
  await headers()
  const base = publicUrl()
  const mine = ['/home', '/runs', '/credits', '/account', '/developers', '/admin', '/studio', '/earnings']
  return {
    rules: { userAgent: '*', allow: '/', disallow: [...mine, '/verify', '/reset', '/invitations', '/api/'] },
    ...(base === undefined ? {} : { sitemap: new URL('/sitemap.xml', base).href }),
  }
}
