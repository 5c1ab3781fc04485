import 'server-only'
import { headers } from 'next/headers'
import { publicUrl } from './environment.mjs'

/** The address of this site, for code that is shown: what the operator set, or else where the visitor is. */
export async function siteAddress(): Promise<string> {
  const configured = publicUrl()
  if (configured !== undefined) return configured.replace(/\/$/, '')
  const asked = await headers()
  const host = asked.get('x-forwarded-host') ?? asked.get('host') ?? 'localhost'
  return `${asked.get('x-forwarded-proto') ?? 'http'}://${host}`
}
