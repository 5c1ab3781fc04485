import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { catalogueHref, readCatalogueQuery } from './catalogue-query.ts'
import { runCode, shellText } from './run-code.ts'

const HOSTILE = `it's "$(id)" \`id\` \\ \n \u2028 </script> 💥`
const call = {
  site: 'https://bureau.example',
  agentId: "a'b",
  version: null,
  inputJson: JSON.stringify({ text: HOSTILE }),
  maxCharge: '5',
}

test('a stranger’s text in a shell command is one word, whatever stands in it', () => {
  const printed = execFileSync('sh', ['-c', `printf %s ${shellText(call.inputJson)}`], { encoding: 'utf8' })
  expect(JSON.parse(printed)).toEqual({ text: HOSTILE })
})

test('the JavaScript that is shown is a program that sends the input that was typed', async () => {
  const sent: { url: string; body: unknown }[] = []
  const run = runCode('javascript', call)
    .replace('await fetch(', 'await send(')
    .replace('process.env.BUREAU_API_KEY', '"key"')
  const module = `export default async (send) => {\n${run.replace('console.log(run.output, run.charge)', '')}\n}`
  const program: { default: (send: (url: string, init: { body: string }) => Promise<unknown>) => Promise<void> } =
    await import(`data:text/javascript,${encodeURIComponent(module)}`)
  await program.default(async (url, init) => {
    sent.push({ url, body: JSON.parse(init.body) })
    return { ok: true, json: async () => ({}) }
  })
  expect(sent).toEqual([{ url: "https://bureau.example/api/agents/a'b/run", body: { text: HOSTILE } }])
})

test('every language names the address, the key and the cap', () => {
  expect(runCode('curl', call)).toContain('Bureau-Max-Charge: 5')
  expect(runCode('python', call)).toContain("os.environ['BUREAU_API_KEY']")
  expect(runCode('curl', { ...call, maxCharge: null })).not.toContain('Max-Charge')
})

test('what the catalogue shows stands whole in its address, and a broken address shows the plain list', () => {
  const query = readCatalogueQuery({
    q: ' csv ',
    category: 'data',
    maxPrice: '5',
    network: 'none',
    language: 'python',
    sort: 'new',
    show: '48',
  })
  const params = Object.fromEntries(new URL(catalogueHref(query, { show: query.show }), 'http://a').searchParams)
  expect(readCatalogueQuery(params)).toEqual(query)
  expect(catalogueHref(readCatalogueQuery({ sort: 'nonsense', show: '-1', maxPrice: 'many', network: 'all' }))).toBe(
    '/agents',
  )
  expect(readCatalogueQuery({ show: '1e9' }).show).toBe(480)
})
