import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { currentBuild, WEB } from '../../src/gateway/site-build.ts'
import { aBrowserSite, type BrowserSite, type Visitor } from '../support/browser-site.ts'
import { isMissing } from '../support/capabilities.ts'
import { eventually } from '../support/eventually.ts'
import { publishAgent } from '../support/publish-agent.ts'
import { createScriptScale, type ScriptWeight } from '../support/script-weight.ts'

const MOST_BYTES = 170_000
const MOST_OURS_BYTES = 20_000
/** Not there yet. Each may not become heavier than it is, and leaves this list when it is light enough. */
const STILL_ABOVE: Readonly<Record<string, { readonly all: number; readonly ours: number }>> = {
  '/agents/[owner]/[slug] as person': { all: MOST_BYTES, ours: 20_500 },
}

type Sight = { readonly route: string; readonly path: string; readonly as: 'visitor' | 'person' | 'creator' | 'admin' }

let site: BrowserSite
let sights: readonly Sight[]
let signed: Readonly<Record<Exclude<Sight['as'], 'visitor'>, Visitor>>

describe.skipIf(isMissing('chromium'))('what a page loads first', () => {
  beforeAll(async () => {
    site = await aBrowserSite()
    const [person, admin, creator] = [await signedIn(false), await signedIn(true), await signedIn(false)]
    signed = { person, admin, creator }
    const me: { user: { id: string }; account: { id: string } } = await (
      await creator.context.request.get(`${site.origin}/api/me`)
    ).json()
    const agentId = await publishAgent(
      { db: site.database.db, dataDir: site.dataDir },
      { accountId: me.account.id, userId: me.user.id },
      { name: 'Counter', source: 'export default async (input) => ({ length: String(input.text).length })', input },
    )
    const { rows } = await site.database.db.pool.query<{ owner: string; slug: string }>(
      `select a.slug as owner, g.slug from "Agent" g join "Account" a on a.id = g."accountId" where g.id = $1`,
      [agentId],
    )
    const [{ owner, slug } = { owner: '', slug: '' }] = rows
    const runId = await aRunOf(person, agentId)
    sights = [
      { route: '/', path: '/', as: 'visitor' },
      { route: '/agents', path: '/agents', as: 'visitor' },
      { route: '/agents/[owner]/[slug]', path: `/agents/${owner}/${slug}`, as: 'visitor' },
      { route: '/agents/[owner]/[slug]', path: `/agents/${owner}/${slug}`, as: 'person' },
      { route: '/agents/[owner]/[slug]/failures', path: `/agents/${owner}/${slug}/failures`, as: 'creator' },
      { route: '/creators/[name]', path: `/creators/${owner}`, as: 'visitor' },
      { route: '/terms', path: '/terms', as: 'visitor' },
      { route: '/privacy', path: '/privacy', as: 'visitor' },
      { route: '/status', path: '/status', as: 'visitor' },
      { route: '/[...nowhere]', path: '/nowhere', as: 'visitor' },
      { route: '/sign-in', path: '/sign-in', as: 'visitor' },
      { route: '/register', path: '/register', as: 'visitor' },
      { route: '/forgot', path: '/forgot', as: 'visitor' },
      { route: '/reset', path: '/reset?token=none', as: 'visitor' },
      { route: '/verify', path: '/verify?token=none', as: 'visitor' },
      { route: '/invitations/[token]', path: '/invitations/none', as: 'person' },
      { route: '/home', path: '/home', as: 'person' },
      { route: '/runs', path: '/runs', as: 'person' },
      { route: '/runs/[id]', path: `/runs/${runId}`, as: 'person' },
      { route: '/credits', path: '/credits', as: 'person' },
      { route: '/account', path: '/account', as: 'person' },
      { route: '/developers', path: '/developers', as: 'person' },
      { route: '/admin/mail', path: '/admin/mail', as: 'admin' },
    ]
  })

  test('every page of the site is weighed below', async () => {
    const names = await readdir(join(WEB, 'app'), { recursive: true })
    const routes = names
      .filter((name) => /(?:^|\/)page\.tsx$/.test(name))
      .map((name) => `/${name.replace(/(?:^|\/)page\.tsx$/, '').replaceAll(/\([^)]*\)\/?/g, '')}`)
    expect([...new Set(sights.map(({ route }) => route))].toSorted()).toEqual(routes.toSorted())
  })

  test('no page loads more than 170 kB of scripts and 20 kB of ours, as gzip, or than it is known to', async () => {
    const scale = createScriptScale(await currentBuild())
    const weighed = await Promise.all(
      [0, 1, 2, 3].map(async (lane) => {
        const mine: Weighed[] = []
        for (const sight of sights.filter((_sight, at) => at % 4 === lane)) mine.push(await weigh(scale, sight))
        return mine
      }),
    ).then((lanes) => lanes.flat().toSorted((one, other) => other.all - one.all))
    const kB = (bytes: number) => (bytes / 1_000).toFixed(1).padStart(6)
    process.stdout.write(
      `\n   all    ours   later   kB gzip\n${weighed.map(({ all, ours, later, route, as }) => `${kB(all)}  ${kB(ours)}  ${kB(later)}   ${route} as ${as}`).join('\n')}\n\n`,
    )
    // A page without scripts would be light for the wrong reason.
    expect(weighed.filter(({ all, ours }) => all < 100_000 || ours < 1_000)).toEqual([])
    const tooHeavy = weighed.filter(({ route, as, all, ours }) => {
      const most = STILL_ABOVE[`${route} as ${as}`] ?? { all: MOST_BYTES, ours: MOST_OURS_BYTES }
      return all > most.all || ours > most.ours
    })
    expect(tooHeavy).toEqual([])
  }, 600_000)
})

type Weighed = Sight & ScriptWeight

async function weigh(scale: ReturnType<typeof createScriptScale>, sight: Sight): Promise<Weighed> {
  // A browser that has loaded nothing yet, but knows who it is.
  const state = sight.as === 'visitor' ? {} : { storageState: await signed[sight.as].context.storageState() }
  const context = await site.browser.newContext(state)
  try {
    return { ...sight, ...(await scale.open(await context.newPage(), site.origin + sight.path)) }
  } finally {
    await context.close()
  }
}

const input = {
  type: 'object',
  properties: { text: { type: 'string', title: 'Text' }, isLoud: { type: 'boolean', default: false } },
  required: ['text'],
}

async function signedIn(isAdmin: boolean): Promise<Visitor> {
  const who = await site.aPerson()
  if (isAdmin) await site.database.db.pool.query(`update "User" set roles = '{user,admin}' where id = $1`, [who.userId])
  const visitor = await site.visitor()
  expect(await visitor.signIn(who)).toBeNull()
  return visitor
}

async function aRunOf({ context }: Visitor, agentId: string): Promise<string> {
  const { request } = context
  const { csrfToken }: { csrfToken: string } = await (await request.get(`${site.origin}/api/auth/csrf`)).json()
  const headers = { 'x-csrf-token': csrfToken, origin: site.origin }
  const answer = await request.post(`${site.origin}/api/agents/${agentId}/run`, { data: { text: 'x' }, headers })
  const { runId }: { runId: string } = await answer.json()
  await eventually(
    async () => {
      const { status }: { status: string } = await (await request.get(`${site.origin}/api/runs/${runId}`)).json()
      expect(status).toBe('succeeded')
    },
    { withinMs: 20_000 },
  )
  return runId
}
