import { setTimeout as pause } from 'node:timers/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { getAgent, presentAgent } from '../../src/agents/index.ts'
import { buildAgent } from '../../src/deployments/build-agent.ts'
import { publishExample } from '../../src/deployments/index.ts'
import { readSourceFolder } from '../../src/deployments/source-files.ts'
import { bodyOf, startWebServer } from '../../src/sandbox/egress/testing/local-servers.ts'
import type { Sandbox } from '../../src/sandbox/index.ts'
import { aSandbox, outputOf, runSource } from '../../src/sandbox/testing/a-sandbox.ts'
import { aDeploymentHouse } from '../../test/support/deployment-house.ts'
import { readEvents } from './read-events.ts'

const SITE = { isolation: 'strong', retention: { days: 30 }, trialsLeft: null } as const

const KEY = 'sk-test-0123456789abcdef'
let sandbox: Sandbox
let server: Awaited<ReturnType<typeof startWebServer>>
let source: string
let handle: (request: IncomingMessage, response: ServerResponse) => void | Promise<void> = (_, response) => {
  response.end()
}

beforeAll(async () => {
  server = await startWebServer((request, response) => handle(request, response))
  sandbox = await aSandbox({ BUREAU_EGRESS_PRIVATE_HOSTS: `127.0.0.1:${server.port}` })
  source = (await buildAgent(await readSourceFolder(import.meta.dirname), AbortSignal.timeout(30_000))).code
}, 90_000)
afterAll(async () => {
  await sandbox.stop()
  await server.close()
})

/** Asks the model server of this file, with a key unless told otherwise. */
function ask(input: Readonly<Record<string, unknown>> = {}, key: string | null = KEY) {
  const hosts = [`127.0.0.1:${server.port}`]
  const secrets = new Map(key === null ? [] : [['API_KEY', { value: key, hosts }]])
  const order = { prompt: 'Hello?', endpoint: `http://127.0.0.1:${server.port}/v1`, ...input }
  return runSource(sandbox, source, order, { egress: { hosts, secrets } })
}

const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`
const delta = (content: string, reason: string | null = null): string =>
  event({ model: 'local-1', choices: [{ index: 0, delta: { content }, finish_reason: reason }] })

test('the answer of a model is put together from its stream, and the key is the host’s affair', async () => {
  let seen: unknown
  handle = async (request, response) => {
    seen = { url: request.url, key: request.headers.authorization, body: JSON.parse(await bodyOf(request)) }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const part of [delta('Good '), ': keep-alive\n\n', delta('mor'), delta('ning ✓', 'stop')]) {
      response.write(part)
      await pause(10)
    }
    response.write(event({ choices: [], usage: { prompt_tokens: 12, completion_tokens: 3 } }))
    response.end('data: [DONE]\n\n')
  }
  const execution = await ask({ model: 'local-1', maxTokens: 50 })
  expect(outputOf(execution)).toEqual({
    isConfigured: true,
    answer: 'Good morning ✓',
    model: 'local-1',
    finishReason: 'stop',
    tokens: { prompt: 12, completion: 3 },
  })
  expect(seen).toMatchObject({
    url: '/v1/chat/completions',
    key: `Bearer ${KEY}`,
    body: { model: 'local-1', stream: true, max_tokens: 50, messages: [{ role: 'system' }, { content: 'Hello?' }] },
  })
  expect(JSON.stringify(execution)).not.toContain(KEY)
})

test('without a key nobody is asked, and the answer says what to set', async () => {
  handle = () => {
    throw new Error('it was asked')
  }
  const output = outputOf(await ask({}, null))
  expect(output).toMatchObject({ isConfigured: false, answer: expect.stringContaining('Set the secret API_KEY') })
})

test.each([
  [
    'a key that is refused',
    (response: ServerResponse) =>
      response.writeHead(401).end(JSON.stringify({ error: { message: `Incorrect API key: ${KEY}` } })),
    'answered 401: Incorrect API key: [secret API_KEY]',
  ],
  ['a page instead', (response: ServerResponse) => response.writeHead(502).end('<h1>Bad gateway</h1>'), 'Bad gateway'],
  [
    'a fault in the middle',
    (response: ServerResponse) => response.end(delta('Goo') + event({ error: { message: 'overloaded' } })),
    'The model failed: overloaded',
  ],
  ['an empty stream', (response: ServerResponse) => response.end('data: [DONE]\n\n'), 'answered nothing'],
])('%s fails the run with the reason', async (_, answer, reason) => {
  handle = (_request, response) => void answer(response)
  expect(await ask()).toMatchObject({ kind: 'failed', message: expect.stringContaining(reason) })
})

test.each([
  ['lines that end in CR LF', ['data: a\r\n\r', '\ndata: b\r\n\r\n']],
  ['pieces cut anywhere', ['da', 'ta: a\n', '\ndata:', ' b\n\n']],
  ['no line at the end', ['data: a\n\ndata: b']],
  ['comments and other fields', [': hi\n\nevent: x\ndata: a\nid: 1\n\ndata: b\n\n']],
])('events are read from %s', async (_, pieces) => {
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) yield Buffer.from(piece)
  }
  const events: string[] = []
  for await (const data of readEvents(chunks())) events.push(data)
  expect(events).toEqual(['a', 'b'])
})

test('it is published with its hosts, its secret, and an example that says what to set', async () => {
  const house = await aDeploymentHouse()
  const { agentId } = await publishExample(house, house.admin, {
    slug: 'assistant',
    folder: import.meta.dirname,
    createdBy: house.creatorId,
  })
  const view = presentAgent(await getAgent(house, null, agentId), SITE)
  expect(view.secrets).toMatchObject([{ name: 'API_KEY', hosts: view.egress }])
  expect(view.examples[0]?.output).toMatchObject({ isConfigured: false })
}, 90_000)
