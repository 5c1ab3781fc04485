import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js'
import { Severity, Type } from 'csp_evaluator/dist/finding.js'
import { CspParser } from 'csp_evaluator/dist/parser.js'
import { describe, expect, test } from 'vitest'
import { eventually } from '../../test/support/eventually.ts'
import { createPageCache, type RenderedPage } from './page-cache.ts'
import { hashPolicy, noncePolicy } from './page-policy.ts'
import { mayBeKept } from './public-pages.ts'
import { encodingFor } from './site-assets.ts'
import { isOfSite } from './site-paths.ts'

const html = `<html><script nonce="x">one()</script><script src="/_next/static/a.js"></script>
<script type="application/ld+json">{"name":"</\u0073cript>"}</script><SCRIPT async>two()</SCRIPT ></html>`

test('a kept page runs the scripts that stood in it when it was rendered, and no others', () => {
  const policy = hashPolicy(html, { origin: 'https://bureau.example', styleNonce: 'n', isSecure: true })
  const scripts = /script-src ([^;]*)/.exec(policy)?.[1]?.split(' ')
  expect(scripts).toEqual([
    'https://bureau.example/_next/static/',
    expect.stringMatching(/^'sha256-[\w+/]{43}='$/),
    expect.stringMatching(/^'sha256-[\w+/]{43}='$/),
  ])
})

test.each([
  [
    'with hashes',
    hashPolicy(html, { origin: 'https://bureau.example', styleNonce: 'bm9uY2Ugb2YgMTYgYnl0ZXM=', isSecure: true }),
  ],
  ['with a nonce', noncePolicy('bm9uY2Ugb2YgMTYgYnl0ZXM=', { isSecure: true, isDevelopment: false })],
])('csp_evaluator finds nothing in the policy %s', (_name, policy) => {
  const findings = new CspEvaluator(new CspParser(policy).csp).evaluate()
  // What is below INFO counts (`unsafe-eval` is there), but that it found no way around where scripts lie: nobody answers
  // there with what a visitor asked for.
  const counted = findings.filter(
    ({ severity, type }) =>
      severity < Severity.INFO && !(severity === Severity.MEDIUM_MAYBE && type === Type.SCRIPT_ALLOWLIST_BYPASS),
  )
  expect(counted.map(({ description }) => description)).toEqual([])
})

describe('the page cache', () => {
  function aCache() {
    let nowMs = 0
    const renders: PromiseWithResolvers<RenderedPage>[] = []
    const cache = createPageCache({ clock: { nowMs: () => nowMs, monotonicMs: () => nowMs } })
    const render = () => {
      const made = Promise.withResolvers<RenderedPage>()
      renders.push(made)
      return made.promise
    }
    return {
      renders,
      advance: (ms: number) => void (nowMs += ms),
      ask: async (key = 'a') => (await (await cache.get(key, render))?.body('plain'))?.toString(),
    }
  }
  const page = (text: string, isKept = true): RenderedPage => ({ status: 200, headers: {}, html: text, isKept })

  test('a hundred who ask at once wait for one render', async () => {
    const { ask, renders } = aCache()
    const answers = Promise.all(Array.from({ length: 100 }, () => ask()))
    await eventually(() => expect(renders).toHaveLength(1), { withinMs: 1_000 })
    renders[0]?.resolve(page('one'))
    expect(new Set(await answers)).toEqual(new Set(['one']))
  })

  test('a stale page is shown once more while it is made anew; one that is too old is not', async () => {
    const { ask, renders, advance } = aCache()
    const first = ask()
    await eventually(() => expect(renders).toHaveLength(1), { withinMs: 1_000 })
    renders[0]?.resolve(page('old'))
    await first
    advance(10_000)
    expect(await ask()).toBe('old')
    await eventually(() => expect(renders).toHaveLength(2), { withinMs: 1_000 })
    renders[1]?.resolve(page('new'))
    await eventually(async () => expect(await ask()).toBe('new'), { withinMs: 1_000 })
    advance(61_000)
    const late = ask()
    await eventually(() => expect(renders).toHaveLength(3), { withinMs: 1_000 })
    renders[2]?.resolve(page('newest'))
    expect(await late).toBe('newest')
  })

  test('what must not be kept is asked for again, and a render that fails is not remembered', async () => {
    const { ask, renders } = aCache()
    const first = ask()
    await eventually(() => expect(renders).toHaveLength(1), { withinMs: 1_000 })
    renders[0]?.resolve(page('error', false))
    expect(await first).toBe('error')
    const second = ask()
    await eventually(() => expect(renders).toHaveLength(2), { withinMs: 1_000 })
    renders[1]?.reject(new Error('the site died'))
    await expect(second).rejects.toThrow('the site died')
    const third = ask()
    await eventually(() => expect(renders).toHaveLength(3), { withinMs: 1_000 })
    renders[2]?.resolve(page('three'))
    expect(await third).toBe('three')
  })

  test('four pages at most are rendered at once; far beyond that, one is refused rather than all be late', async () => {
    const { ask, renders } = aCache()
    const asked = Array.from({ length: 300 }, (_one, index) => ask(String(index)))
    await eventually(() => expect(renders).toHaveLength(4), { withinMs: 1_000 })
    const refused = await Promise.all(asked.slice(-96))
    expect(refused.every((body) => body === undefined)).toBe(true)
    for (let done = 0; done < 204; done++) {
      await eventually(() => expect(renders.length).toBeGreaterThan(done), { withinMs: 1_000 })
      renders[done]?.resolve(page('made'))
    }
    expect(await Promise.all(asked.slice(0, 204))).toEqual(Array.from({ length: 204 }, () => 'made'))
  })
})

test('only whole public pages for who is not signed in are kept', () => {
  const kept = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
    mayBeKept({ method, url, headers })
  expect(
    ['/', '/agents', '/agents?q=csv', '/agents/ada/csv-profiler', '/creators/ada'].filter((url) => !kept(url)),
  ).toEqual([])
  expect(
    ['/home', '/runs/1', '/agents/a/b/c', '//agents', '/agents?_rsc=1', `/?${'x'.repeat(600)}`].filter((url) =>
      kept(url),
    ),
  ).toEqual([])
  expect(kept('/', { cookie: 'a=1; __Secure-next-auth.session-token=x' })).toBe(false)
  expect(kept('/', { rsc: '1' })).toBe(false)
  expect(kept('/', { authorization: 'Bearer x' })).toBe(false)
  expect(kept('/', {}, 'POST')).toBe(false)
})

test("the site gets pages and NextAuth's own actions; everything else below /api is the API's", () => {
  for (const path of ['/', '/agents', '/api/auth/session', '/api/auth/callback/oidc', '/apis', '/docsy'])
    expect([path, isOfSite(path)]).toEqual([path, true])
  for (const path of [
    '/api',
    '/api/me',
    '/api/auth',
    '/api/auth/session/a/b',
    '/api/auth/../me',
    '/docs/x',
    '/metrics',
    '/Api/me',
  ])
    expect([path, isOfSite(path)]).toEqual([path, false])
})

test.each([
  [undefined, 'plain'],
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip;q=1, br;q=0', 'gzip'],
  ['identity', 'plain'],
])('of "%s" a file is sent as %s', (header, expected) => {
  expect(encodingFor(header)).toBe(expected)
})
