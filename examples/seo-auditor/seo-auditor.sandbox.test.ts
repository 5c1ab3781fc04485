import { afterAll, beforeAll, expect, test } from 'vitest'
import { getAgent, presentAgent } from '../../src/agents/index.ts'
import { buildAgent } from '../../src/deployments/build-agent.ts'
import { publishExample } from '../../src/deployments/index.ts'
import { readSourceFolder } from '../../src/deployments/source-files.ts'
import { startWebServer } from '../../src/sandbox/egress/testing/local-servers.ts'
import type { Sandbox } from '../../src/sandbox/index.ts'
import { aSandbox, outputOf, runSource } from '../../src/sandbox/testing/a-sandbox.ts'
import { aDeploymentHouse } from '../../test/support/deployment-house.ts'

const SITE = { isolation: 'strong', retention: { days: 30 }, trialsLeft: null } as const

let sandbox: Sandbox
let server: Awaited<ReturnType<typeof startWebServer>>
let source: string

const PAGE = `<html lang=de><head><title>Schöne Töpfe aus Lehm</title></head><body><h1>Töpfe</h1>
<a href="/gone">weg</a><a href="/here#part">da</a><a href="/here">da</a><a href="mailto:a@b.c">Post</a>
<a href="https://elsewhere.example/" rel="nofollow">fort</a></body></html>`

beforeAll(async () => {
  server = await startWebServer((request, response) => {
    if (request.url === '/old') return void response.writeHead(301, { location: '/' }).end()
    if (request.url === '/') {
      response.writeHead(200, { 'content-type': 'text/html; charset=iso-8859-1', 'x-robots-tag': 'noindex' })
      return void response.end(Buffer.from(PAGE, 'latin1'))
    }
    response.writeHead(request.url === '/here' ? 200 : 404).end()
  })
  sandbox = await aSandbox({ BUREAU_EGRESS_PRIVATE_HOSTS: `127.0.0.1:${server.port}` })
  source = (await buildAgent(await readSourceFolder(import.meta.dirname), AbortSignal.timeout(30_000))).code
}, 90_000)
afterAll(async () => {
  await sandbox.stop()
  await server.close()
})

test('a page is fetched, followed where it moved, audited, and its links are tried', async () => {
  const base = `http://127.0.0.1:${server.port}`
  const egress = { hosts: ['*', `127.0.0.1:${server.port}`], secrets: new Map() }
  const execution = await runSource(sandbox, source, { url: `${base}/old`, checkLinks: 5 }, { egress })
  const output = outputOf(execution)
  expect(output).toMatchObject({
    url: `${base}/`,
    status: 200,
    title: 'Schöne Töpfe aus Lehm',
    links: { internal: 3, external: 1, nofollow: 1 },
    brokenLinks: [{ url: `${base}/gone`, why: 'answers 404' }],
  })
  expect(output).toMatchObject({
    findings: expect.arrayContaining([
      expect.objectContaining({ check: 'indexable', severity: 'error' }),
      expect.objectContaining({ check: 'https', severity: 'error' }),
      expect.objectContaining({ check: 'h1', severity: 'passed' }),
    ]),
  })
  expect(execution.egress).toMatchObject([{ requests: 4, refused: 0 }])
})

test('an address inside the house is refused', async () => {
  const egress = { hosts: ['*'], secrets: new Map() }
  const execution = await runSource(sandbox, source, { url: 'http://169.254.169.254/latest/' }, { egress })
  expect(execution).toMatchObject({ kind: 'failed', code: 'EGRESS_DENIED' })
})

test('it is published with an example that needs no network and shows what to mend', async () => {
  const house = await aDeploymentHouse()
  const { agentId } = await publishExample(house, house.admin, {
    slug: 'seo-auditor',
    folder: import.meta.dirname,
    createdBy: house.creatorId,
  })
  const view = presentAgent(await getAgent(house, null, agentId), SITE)
  expect(view.egress).toEqual(['*'])
  expect(view.examples[0]?.output).toMatchObject({
    title: 'Hand-thrown bowls and cups | Ferns Pottery',
    findings: expect.arrayContaining([expect.objectContaining({ check: 'description', severity: 'error' })]),
  })
}, 90_000)
