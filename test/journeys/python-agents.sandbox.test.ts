import { beforeAll, describe, expect, test } from 'vitest'
import { createApiKey } from '../../src/users/index.ts'
import { aCaller } from '../support/callers.ts'
import { isMissing } from '../support/capabilities.ts'
import { eventually } from '../support/eventually.ts'
import { aPythonIndex, aWheel } from '../support/python-index.ts'
import { readEvents } from '../support/read-events.ts'
import { aRunSite, send, type Answer, type RunSite } from '../support/run-site.ts'

const CREDIT = 1_000_000n
const AGENT = `"""Counts to a number."""
from shouting import shout

AGENT = {
    'name': 'Counter',
    'input': {'type': 'object', 'properties': {'to': {'type': 'integer', 'maximum': 5}}, 'required': ['to']},
    'output': {'type': 'object', 'properties': {'said': {'type': 'string'}}, 'required': ['said']},
    'price': {'run': '1', 'events': {'step': '0.5'}, 'max': '3'},
    'examples': [{'name': 'To two', 'input': {'to': 2}}],
}

def run(input, ctx):
    for n in range(input['to']):
        ctx.emit(n, charge='step')
        print('counted', n)
    if input['to'] == 3:
        raise RuntimeError('three is too many')
    return {'said': shout('done')}
`

/** A key that publishes. */
async function aPublisher(site: RunSite): Promise<string> {
  const { key } = await createApiKey(site.database, site.creator.principal, {
    name: 'publish',
    scopes: ['agents.read', 'agents.write'],
    agentIds: [],
    expiresAt: null,
    monthlyCapMicro: null,
  })
  return key
}

/** Publishes a folder over the API and waits for the end of its deployment. */
async function publish(site: RunSite, key: string, slug: string, files: Record<string, string>): Promise<Answer> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ slug, visibility: 'public', files })
  const answer = await send(new URL('api/agents', site.server.url), { method: 'POST', headers, body })
  expect(answer.status).toBe(201)
  const url = new URL(`api/deployments/${String(answer.body['deploymentId'])}`, site.server.url)
  const look = () => send(url, { headers })
  await eventually(async () => expect(['active', 'failed']).toContain((await look()).body['status']), {
    withinMs: 80_000,
  })
  return await look()
}

describe.skipIf(isMissing('bwrap') || isMissing('python3'))('a Python agent', () => {
  let site: RunSite
  let agentId: string
  let key: string

  beforeAll(async () => {
    const index = await aPythonIndex()
    index.offer(
      'shouting',
      'shouting-2.0-py3-none-any.whl',
      aWheel('shouting', '2.0', { 'shouting.py': 'def shout(text): return text.upper() + "!"\n' }),
    )
    site = await aRunSite({ BUREAU_PYTHON_INDEX: index.url.href })
    key = await aPublisher(site)
    const deployed = await publish(site, key, 'counter', { 'agent.py': AGENT, 'requirements.txt': 'shouting==2.0\n' })
    expect(deployed.body).toMatchObject({ status: 'active' })
    agentId = String(deployed.body['agentId'])
  }, 180_000)

  test('stands in the catalogue by its language, with the output of its example', async () => {
    const { body } = await site.get(null, `api/agents/${agentId}`)
    expect(body).toMatchObject({
      name: 'Counter',
      description: 'Counts to a number.',
      language: 'python',
      examples: [{ name: 'To two', output: { said: 'DONE!' } }],
    })
    const listed = await site.get(null, 'api/agents?language=python')
    expect(listed.body).toMatchObject({ items: [{ id: agentId }] })
  })

  test('is run, queued and streamed like any other, and costs what it charged', async () => {
    const caller = await aCaller(site.database.db, 20n * CREDIT)
    const once = await site.run(caller, agentId, { to: 2 })
    expect(once.body).toMatchObject({ status: 'succeeded', output: { said: 'DONE!' }, charge: '2' })
    const queued = await site.run(caller, agentId, { to: 1 }, { prefer: 'respond-async' })
    expect(queued.status).toBe(202)
    await eventually(
      async () =>
        expect((await site.get(caller, `api/runs/${String(queued.body['runId'])}`)).body).toMatchObject({
          status: 'succeeded',
          charge: '1.5',
        }),
      { withinMs: 20_000 },
    )
    const response = await fetch(new URL(`api/agents/${agentId}/run`, site.server.url), {
      method: 'POST',
      headers: {
        authorization: `Bearer ${caller.apiKey}`,
        'content-type': 'application/json',
        accept: 'text/event-stream',
      },
      body: JSON.stringify({ to: 2 }),
    })
    const { events } = await readEvents(response)
    const of = (type: string) => events.filter((event) => event.type === type)
    expect(of('run.chunk').map(({ data }) => data['data'])).toEqual([0, 1])
    expect(of('run.log').map(({ data }) => data['message'])).toEqual(['counted 0', 'counted 1'])
    expect(of('run.charged').at(-1)?.data).toMatchObject({ event: 'step', charged: '2' })
    expect(of('run.settled').at(-1)?.data).toMatchObject({ status: 'succeeded', charge: '2' })
  })

  test('that fails costs nothing, and an input that does not fit is refused before it runs', async () => {
    const caller = await aCaller(site.database.db, 5n * CREDIT)
    const failed = await site.run(caller, agentId, { to: 3 })
    expect(failed.status).toBe(502)
    expect(failed.body).toMatchObject({ code: 'AGENT_THREW', charge: '0' })
    expect((await site.run(caller, agentId, { to: 'x' })).body).toMatchObject({ code: 'INPUT_INVALID' })
  })

  test.each<[string, Record<string, string>, string, RegExp]>([
    ['bad syntax', { 'agent.py': 'def run(input, ctx):\n    return (' }, 'AGENT_NOT_DESCRIBED', /agent\.py, line 2/],
    ['no function', { 'agent.py': 'x = 1' }, 'AGENT_NOT_DESCRIBED', /def run\(input, ctx\)/],
    [
      'an unknown field',
      { 'agent.py': `AGENT = {'name': 'x', 'colour': 1}\ndef run(i, c): pass` },
      'MANIFEST_INVALID',
      /colour/,
    ],
    [
      'too much time',
      { 'agent.py': `AGENT = {'name': 'x', 'limits': {'timeout_ms': 10**9}}\ndef run(i, c): pass` },
      'LIMIT_TOO_HIGH',
      /limits\.timeoutMs/,
    ],
    [
      'an example that raises',
      {
        'agent.py': `AGENT = {'name': 'x', 'examples': [{'name': 'e', 'input': 1}]}\ndef run(i, c): raise ValueError('unlucky')`,
      },
      'EXAMPLE_FAILED',
      /ValueError: unlucky/,
    ],
  ])('with %s does not go live, and its creator is told', async (name, files, code, told) => {
    const { body } = await publish(site, key, `bad-${name.replaceAll(' ', '-')}`, files)
    expect(body).toMatchObject({ status: 'failed', code })
    expect(JSON.stringify(body)).toMatch(told)
  })
})

test('without Python on the host an agent in it is refused with the command that mends it, and others go on', async () => {
  const site = await aRunSite({ BUREAU_PYTHON: '/nowhere/python3' })
  const key = await aPublisher(site)
  const { body: refused } = await publish(site, key, 'snake', { 'agent.py': 'def run(input, ctx): return 1' })
  expect(refused).toMatchObject({ status: 'failed', code: 'PYTHON_UNAVAILABLE' })
  expect(JSON.stringify(refused)).toMatch(/install -y python3/)
  const { body: other } = await publish(site, key, 'script', { 'index.ts': 'export default async () => 1' })
  expect(other).toMatchObject({ status: 'active' })
}, 240_000)
