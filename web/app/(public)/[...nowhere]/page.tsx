import type { Metadata } from 'next'
import { notFound } from 'next/navigation'

export const metadata: Metadata = { title: 'Not found', robots: { index: false } }

/** Every address that no page has. The root has no page of its own for them: what stands in one, scripts included, is
 * loaded by each page of the site. */
export default function NowherePage(): never {
  notFound()
}
