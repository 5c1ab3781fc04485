import type { MetadataRoute } from 'next'
import { headers } from 'next/headers'
import { publicUrl } from '../lib/environment.mjs'

/** The pages for everybody. Under the address that the operator has set; without one, none is promised to anybody. */
export default async function sitemap(): Promise<MetadataRoute.Sitemap> {
  // As every page: made when it is asked for, because a build knows no address.
  await headers()
  const base = publicUrl()
  if (base === undefined) return []
  return ['/', '/agents', '/terms', '/privacy'].map((path) => ({ url: new URL(path, base).href }))
}
