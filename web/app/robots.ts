import type { MetadataRoute } from 'next'

/** What is somebody's own has nothing to do in an index. */
export default function robots(): MetadataRoute.Robots {
  const mine = ['/home', '/runs', '/credits', '/account', '/developers', '/admin', '/studio', '/earnings']
  return { rules: { userAgent: '*', allow: '/', disallow: [...mine, '/verify', '/reset', '/invitations', '/api/'] } }
}
