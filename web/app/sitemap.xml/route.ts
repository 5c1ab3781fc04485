import { publicUrl } from '../../lib/environment.mjs'
import { sitemap } from '../../lib/sitemap.ts'

export const dynamic = 'force-dynamic'

/** Under the address that the operator has set; without one, no address is promised to anybody. */
export function GET(): Response {
  const base = publicUrl()
  if (base === undefined) return new Response('This site has no public address (BUREAU_URL).\n', { status: 404 })
  const parts = sitemap(base)
  const encoder = new TextEncoder()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value } = await parts.next()
      if (value === undefined) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    async cancel() {
      await parts.return(undefined)
    },
  })
  return new Response(body, {
    headers: { 'content-type': 'application/xml; charset=utf-8', 'cache-control': 'public, max-age=600' },
  })
}
