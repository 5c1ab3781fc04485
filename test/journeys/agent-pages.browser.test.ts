import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { readSourceFolder } from '../../src/deployments/index.ts'
import { bodyOf, startWebServer } from '../../src/sandbox/egress/testing/local-servers.ts'
import { accessibilityTreeOf, type AccessibleNode } from '../support/accessibility-tree.ts'
import { aBrowserSite, type BrowserSite, type Visitor } from '../support/browser-site.ts'
import { isMissing } from '../support/capabilities.ts'
import { aPublisher } from '../support/demo-agents.ts'
import { atEndOfFile } from '../support/each-file.ts'
import { eventually } from '../support/eventually.ts'
import { screenshotFolder } from '../support/look.options.ts'
import { look } from '../support/look.ts'
import { pressRun } from '../support/press-run.ts'
import { publishAgent } from '../support/publish-agent.ts'

const CREDIT = 1_000_000n
const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url))
const DEMOS: readonly string[] = [
  'csv-profiler',
  'echo',
  'markdown-report',
  'text-analyser',
  'image-tool',
  // In Python.
  ...(isMissing('python3') ? [] : ['log-summariser']),
]
const INPUT = {
  type: 'object',
  required: ['note'],
  properties: { note: { type: 'string', minLength: 3, maxLength: 100 }, count: { type: 'integer', minimum: 1 } },
}
/** Goes on in quarters, slowly enough to be heard. */
const QUARTERS = `export default async ({ note }, ctx) => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms))
  for (const n of [1, 2, 3]) {
    await wait(3_000)
    ctx.progress(n / 4, 'part ' + n)
  }
  await wait(3_000)
  if (note === 'fail') throw new Error('no such note')
  return { note }
}`
const CHATTY = `export default async (_, ctx) => {
  const say = (n) => ctx.log[n % 50 === 0 ? 'error' : n % 10 === 0 ? 'warn' : 'info']('line ' + n)
  for (let n = 1; n <= 300; n++) say(n)
  for (let n = 301; n <= 380; n++) {
    await new Promise((done) => setTimeout(done, 150))
    say(n)
  }
  return 'said'
}`
const MODEL_PAGE = `<html lang=en><head><title>Hand-thrown bowls and cups</title></head><body><h1>Bowls</h1><a href="/gone">gone</a></body></html>`

let site: BrowserSite
let own: Visitor
let agents: string
const pathOf: Record<string, string> = {}

async function isAlive(page: Page): Promise<void> {
  await eventually(
    async () =>
      expect(await page.evaluate(`Object.keys(document.body).some((key) => key.startsWith('__react'))`)).toBe(true),
    { withinMs: 20_000 },
  )
}
async function open(page: Page, path: string): Promise<void> {
  await page.goto(site.origin + path)
  await page.locator('h1').first().waitFor()
  await isAlive(page)
}
const ended = (page: Page, words: RegExp): Promise<void> =>
  page.getByRole('heading', { name: words }).waitFor({ timeout: 30_000 })
const outputTab = (page: Page, name: string | RegExp) =>
  page.getByRole('tablist', { name: /Output/ }).getByRole('tab', { name })
const shows = (page: Page, text: string | RegExp): Promise<void> => page.getByText(text).first().waitFor()

describe.skipIf(isMissing('chromium') || isMissing('bwrap'))('the pages of agents and runs', () => {
  beforeAll(async () => {
    const web = await startWebServer(async (request, response) => {
      if (request.method !== 'POST') {
        response.writeHead(request.url === '/' ? 200 : 404, { 'content-type': 'text/html' })
        return void response.end(MODEL_PAGE)
      }
      await bodyOf(request)
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const content of ['Good ', 'morning ', 'to you.'])
        response.write(`data: ${JSON.stringify({ model: 'local-1', choices: [{ index: 0, delta: { content } }] })}\n\n`)
      response.end('data: [DONE]\n\n')
    })
    atEndOfFile(web.close)
    const host = `localhost:${web.port}`
    site = await aBrowserSite({
      BUREAU_WELCOME_CREDITS: '96.5',
      BUREAU_RUNS_PER_ACCOUNT: '1',
      BUREAU_EGRESS_PRIVATE_HOSTS: host,
    })
    const publisher = await aPublisher(site)
    await publisher.examples(DEMOS)
    // As they are published, but for a host of this test beside those they name.
    for (const [name, from, to] of [
      ['seo-auditor', `egress: ['*']`, `egress: ['*', '${host}']`],
      ['assistant', `'localhost:11434'`, `'${host}'`],
    ] as const) {
      const files = [...(await readSourceFolder(`${EXAMPLES}/${name}`))]
      const texts = files.map(([path, bytes]) => [path, Buffer.from(bytes).toString('utf8').replace(from, to)] as const)
      expect(texts.some(([, text]) => text.includes(host))).toBe(true)
      pathOf[name] = await publisher.agent(name, Object.fromEntries(texts))
    }
    pathOf['host'] = host
    agents = (pathOf['assistant'] ?? '').replace(/assistant$/, '')
    const deps = { db: site.database.db, dataDir: site.dataDir }
    for (const [name, source] of [
      ['Quarters', QUARTERS],
      ['Chatty', CHATTY],
    ] as const) {
      const id = await publishAgent(deps, site.creator, {
        name,
        source,
        runMicro: CREDIT,
        timeoutMs: 60_000,
        ...(name === 'Quarters' ? { input: INPUT } : {}),
      })
      const { body } = await site.get(null, `api/agents/${id}`)
      pathOf[name] = `/agents/${String(body['owner'])}/${String(body['slug'])}`
    }
    for (let n = 1; n <= 22; n++)
      await publishAgent(deps, site.creator, { name: `Filler ${n}`, source: 'export default () => 1' })
    own = await site.visitor()
    expect(await own.signIn(await site.aPerson())).toBeNull()
  }, 240_000)

  test('a run is heard: why it waits, that it began, each quarter, and its end with what it cost', async () => {
    const { page } = own
    await open(page, pathOf['Quarters'] ?? '')
    const read = await accessibilityTreeOf(page)
    const heard: string[] = []
    const bars: AccessibleNode[] = []
    const barTexts = new Set<string>()
    const listenUntil = async (isOver: (said: string) => boolean): Promise<AccessibleNode[]> =>
      eventually(
        async () => {
          const tree = await read()
          // The shell has one of its own, for the connection; what the run says has words.
          const regions = tree.filter((node) => node.live === 'polite' && node.text !== '')
          expect(regions.length).toBeLessThanOrEqual(1)
          const said = regions[0]?.text ?? ''
          if (said !== '' && said !== heard.at(-1)) heard.push(said)
          bars.push(...tree.filter((node) => node.role === 'progressbar'))
          // Chromium's protocol leaves this out of the tree that it tells of.
          const text: unknown = await page.evaluate(
            `document.querySelector('[role=progressbar]')?.getAttribute('aria-valuetext')`,
          )
          if (typeof text === 'string') barTexts.add(text)
          if (!isOver(said)) throw new Error(`so far it said: ${heard.join(' ')}`)
          return tree
        },
        { withinMs: 40_000 },
      )

    // Another run of the account takes its only place for a while.
    await page.evaluate(
      `fetch('/api/auth/csrf').then((answer) => answer.json()).then(({ csrfToken }) =>
        fetch('/api/agents/' + ${JSON.stringify((pathOf['Quarters'] ?? '').split('/').at(-1))} + '/run', {
          method: 'POST',
          headers: { 'content-type': 'application/json', prefer: 'respond-async', 'x-csrf-token': csrfToken },
          body: '{"note":"first"}',
        }))`,
    )
    await page.getByLabel('Note').fill('hello')
    await pressRun(page)
    await listenUntil((said) => said.startsWith('Done'))
    expect(heard).toEqual([
      'Waiting. Your other runs have to end first.',
      'Started.',
      'A quarter is done.',
      'Half is done.',
      'Three quarters are done.',
      expect.stringMatching(/^Done in [\d.]+ s, 1 credit\.$/),
    ])
    expect(new Set(bars.map(({ name, value }) => `${name}: ${value}`))).toEqual(
      new Set(['Waiting: null', 'Running: null', 'Running: 25', 'Running: 50', 'Running: 75']),
    )
    expect([...barTexts]).toEqual(
      expect.arrayContaining(['Your other runs have to end first.', '25 %, part 1', '50 %, part 2', '75 %, part 3']),
    )
  })

  test('an end is told with the next step; the focus goes to it from Run and from Stop, and stays where somebody types', async () => {
    const { page } = own
    await open(page, pathOf['Quarters'] ?? '')
    const read = await accessibilityTreeOf(page)
    const note = page.getByLabel('Note')
    /** What is told and what has the focus once the run that is begun by this is over. */
    const endOf = async (input: string, whileItRuns: () => Promise<void>) => {
      await note.fill(input)
      await page.getByRole('button', { name: 'Run', exact: true }).click()
      await page.getByRole('progressbar', { name: 'Running' }).waitFor({ timeout: 20_000 })
      await whileItRuns()
      await page.getByRole('button', { name: 'Run again' }).first().waitFor({ timeout: 30_000 })
      return eventually(
        async () => {
          const tree = await read()
          const told = tree.find((node) => node.live === 'polite' && node.text !== '')?.text ?? ''
          if (!/^(Done|Stopped|The agent)/.test(told)) throw new Error(`it only said: ${told}`)
          // The page as a whole is said to have it too.
          const focused = tree.filter((node) => node.isFocused && node.role !== 'RootWebArea')
          return { told, focused: focused.map(({ role, name }) => `${role} ${name}`) }
        },
        { withinMs: 10_000 },
      )
    }

    expect(await endOf('fail', () => Promise.resolve())).toEqual({
      told: 'The agent failed. Nothing was charged. Next: Change the input.',
      focused: [expect.stringMatching(/^heading Failed after .*, nothing charged$/)],
    })
    const stopped = await endOf('hello', async () => {
      await page.getByRole('button', { name: 'Stop', exact: true }).focus()
      await page.keyboard.press('Enter')
    })
    expect(stopped).toEqual({
      told: expect.stringMatching(/^Stopped after [\d.]+ s, /),
      focused: [expect.stringMatching(/^heading Stopped after/)],
    })
    expect(await endOf('hello', () => note.fill('hello you'))).toEqual({
      told: expect.stringMatching(/^Done in [\d.]+ s, 1 credit\.$/),
      focused: ['textbox Note'],
    })
    expect(await note.inputValue()).toBe('hello you')
  }, 120_000)

  test('the catalogue is searched, narrowed, ordered and made longer; Back finds it as it was', async () => {
    const { page } = await site.visitor()
    await open(page, '/agents')
    const cards = page.locator('article').filter({ has: page.getByRole('heading', { level: 2 }) })
    await page.getByRole('link', { name: /^Load more \(24 of \d+\)$/ }).click()
    await page.waitForURL(/show=48/)
    await eventually(async () => expect(await cards.count()).toBeGreaterThan(24), { withinMs: 10_000 })
    const last = page.getByRole('link', { name: /^Filler \d+$/ }).last()
    await last.scrollIntoViewIfNeeded()
    const before = Number(await page.evaluate('window.scrollY'))
    expect(before).toBeGreaterThan(500)
    await last.click()
    await page.waitForURL(/\/agents\/[^/]+\/[^/]+$/)
    await page.getByRole('button', { name: 'Run', exact: true }).waitFor()
    await page.goBack()
    await page.waitForURL(/show=48/)
    await eventually(
      async () => {
        expect(await cards.count()).toBeGreaterThan(24)
        expect(Math.abs(Number(await page.evaluate('window.scrollY')) - before)).toBeLessThan(200)
      },
      { withinMs: 10_000 },
    )

    await page.getByLabel('Search agents').fill('csv')
    await page.waitForURL(/[?&]q=csv/)
    await eventually(async () => expect(await page.getByRole('status').allTextContents()).toContain('2 agents found'), {
      withinMs: 10_000,
    })
    await page.getByLabel('Order').selectOption({ label: 'New' })
    await page.waitForURL(/sort=new/)
    const side = page.getByRole('complementary', { name: 'Filters' })
    await side.getByRole('link', { name: /^Documents/ }).click()
    await page.waitForURL(/category=documents/)
    await eventually(async () => expect(await cards.count()).toBe(1), { withinMs: 10_000 })
    await page
      .getByRole('link', { name: 'Documents : drop this filter' })
      .or(page.getByRole('list', { name: 'Filters that are on' }).getByRole('link', { name: /Documents/ }))
      .first()
      .click()
    await page.waitForURL((url) => !url.search.includes('category'))
    await eventually(async () => expect(await cards.count()).toBe(2), { withinMs: 10_000 })

    await page.getByLabel('Search agents').fill('xyzzy')
    await page.getByText('Nothing matches').waitFor()
    await page.getByRole('link', { name: 'All agents' }).click()
    await page.waitForURL(`${site.origin}/agents`)
  })

  test('a faulty field says so beside it and has the focus; form and JSON are two views of one input, of which nothing is lost', async () => {
    const { page } = own
    await open(page, pathOf['Quarters'] ?? '')
    const note = page.getByLabel('Note')
    await note.fill('x')
    await note.blur()
    await shows(page, /at least 3/i)
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await eventually(
      async () => expect(await page.evaluate(`document.activeElement?.getAttribute('name')`)).toBe('note'),
      { withinMs: 5_000 },
    )
    expect(await note.getAttribute('aria-invalid')).toBe('true')
    await page.getByRole('tab', { name: 'JSON' }).click()
    const editor = page.locator('.cm-content')
    await editor.fill('{ "note": "hello", "count": 12345678901234567890, "more": [1.50, {"deep": true}] }')
    await page.getByRole('tab', { name: 'Form' }).click()
    await eventually(async () => expect(await note.inputValue()).toBe('hello'), { withinMs: 5_000 })
    await note.fill('hello you')
    await page.getByRole('tab', { name: 'JSON' }).click()
    await page.locator('.cm-content').waitFor()
    const text = (await page.locator('.cm-content').textContent()) ?? ''
    expect(text).toContain('12345678901234567890')
    expect(text).toContain('1.50')
    expect(text).toContain('hello you')
    // A reload keeps the draft.
    await page.reload()
    await eventually(async () => expect(await page.getByLabel('Note').inputValue()).toBe('hello you'), {
      withinMs: 10_000,
    })
    await page.getByRole('tab', { name: 'API' }).click()
    await shows(page, /hello you/)
  })

  test('an example fills the form; what it agrees to is asked once; the result is shown, copied, downloaded and run again', async () => {
    const { page } = own
    await open(page, `${agents}csv-profiler`)
    await page.getByRole('group', { name: 'Examples' }).getByRole('button').first().click()
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('button', { name: 'Agree and run' }).waitFor()
    await page.getByRole('button', { name: 'Not now' }).click()
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('button', { name: 'Agree and run' }).click()
    await ended(page, /^Done in/)
    const coming = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download', exact: true }).click()
    const output: unknown = JSON.parse(await readFile(await (await coming).path(), 'utf8'))
    expect(output).toMatchObject({ columns: expect.any(Array) })
    await outputTab(page, 'Receipt').click()
    await shows(page, /Set aside/)
    // As a browser is that came by plain http to another machine: it hands out no clipboard.
    await page.evaluate(`Object.defineProperty(window, 'isSecureContext', { value: false })
      Object.defineProperty(navigator, 'clipboard', { value: undefined })`)
    await page.getByRole('button', { name: 'Copy link to this run' }).click()
    await page.getByRole('button', { name: 'Copied link to this run' }).waitFor()
    const search = await page.context().newPage()
    await search.goto(`${site.origin}/agents`)
    await search.getByLabel('Search agents').focus()
    await search.keyboard.press('Control+V')
    expect(await search.getByLabel('Search agents').inputValue()).toBe(page.url())
    await search.close()
    const first = page.url()
    await page.getByRole('button', { name: 'Run again' }).click()
    await page.waitForURL((url) => url.href !== first)
    await ended(page, /^Done in/)
    // Agreed once: it is not asked again.
    expect(await page.getByRole('button', { name: 'Agree and run' }).count()).toBe(0)
  })

  test('a log follows its end until one scrolls up, is filtered, searched and downloaded', async () => {
    const { page } = own
    await open(page, pathOf['Chatty'] ?? '')
    const runId = await pressRun(page)
    await outputTab(page, /Logs/).click()
    const log = page.getByRole('region', { name: 'Log' })
    await log.getByText('line 301').waitFor()
    await eventually(async () => expect(await log.getByText('line 1', { exact: true }).count()).toBe(0), {
      withinMs: 5_000,
    })
    await page.evaluate(`document.querySelector('[role=region][aria-label=Log]').scrollTop = 0`)
    await log.getByText('line 1', { exact: true }).waitFor()
    await page.getByRole('button', { name: /^\d+ new lines?$/ }).click()
    await log
      .getByText(/line 3[0-9]{2}/)
      .last()
      .waitFor()
    await ended(page, /^Done in/)
    await open(page, `/runs/${runId}`)
    await outputTab(page, /Logs/).click()
    await page.getByLabel('Show from level').selectOption({ label: 'Errors' })
    await eventually(async () => expect(await log.getByRole('listitem').allTextContents()).toHaveLength(7), {
      withinMs: 10_000,
    })
    await page.getByLabel('Show from level').selectOption({ label: 'All levels' })
    await page.getByLabel('Search the log').fill('line 37')
    await eventually(async () => expect(await log.getByRole('listitem').count()).toBe(11), { withinMs: 5_000 })
    const coming = page.waitForEvent('download')
    await page.getByRole('tabpanel').getByRole('button', { name: 'Download' }).last().click()
    const lines = (await readFile(await (await coming).path(), 'utf8')).trim().split('\n')
    expect(lines).toHaveLength(380)
  })

  test('each demo agent is run on its page and shows what it made', async () => {
    const { page } = own
    const found: string[] = []
    const run = async (words: string | RegExp, name: string): Promise<void> => {
      await pressRun(page)
      await ended(page, /^Done in/)
      await shows(page, words)
      if (screenshotFolder() !== undefined) found.push(...(await look(page, `demo--${name}`)))
    }
    for (const [name, words] of [
      ['csv-profiler', 'columns'],
      ['markdown-report', 'Lyon'],
      ['text-analyser', /keywords/i],
      ['echo', 'world'],
      ['image-tool', 'harbour-ready.png'],
      ['log-summariser', 'no answer from'],
    ] as const) {
      if (!DEMOS.includes(name)) continue
      await open(page, agents + name)
      if (screenshotFolder() !== undefined) found.push(...(await look(page, `demo--${name}-idle`)))
      await page.getByRole('group', { name: 'Examples' }).getByRole('button').first().click()
      await run(words, name)
    }
    await open(page, pathOf['seo-auditor'] ?? '')
    await page.getByLabel('Url').fill(`http://${pathOf['host']}/`)
    await run('Hand-thrown bowls and cups', 'seo-auditor')
    await open(page, pathOf['assistant'] ?? '')
    await page.getByLabel('Prompt').fill('Good morning?')
    if (!(await page.getByLabel('Endpoint').isVisible())) await page.getByText(/More options/).click()
    await page.getByLabel('Endpoint').fill(`http://${pathOf['host']}/v1`)
    await run('Good morning to you.', 'assistant')
    expect(found).toEqual([])
  }, 300_000)
})
