import { beforeAll, describe, expect, test } from 'vitest'
import { getAgent, getRunnableAgent, presentAgent } from '../agents/index.ts'
import { aDeploymentHouse, type House } from '../../test/support/deployment-house.ts'
import { aRunIn } from '../../test/support/run-in-sandbox.ts'
import { statement } from '../platform/database.ts'
import { createLogger } from '../platform/logger.ts'
import { carryOutDeployment } from './carry-out-deployment.ts'

let house: House
beforeAll(async () => {
  house = await aDeploymentHouse()
}, 120_000)

const agentWith = (parts: string, run = '({ ok: true })', input = 'z.object({})'): Record<string, string> => ({
  'index.ts': `import { defineAgent, file } from 'bureau'; import { z } from 'zod'
    export default defineAgent({ name: 'Trial', input: ${input}, output: z.object({ ok: z.boolean() }), ${parts} run: async (input, ctx) => ${run} })`,
})

const COUNT_VERSIONS = statement<{ versions: bigint }>(
  'test.count_versions',
  `select count(*) as versions from "AgentVersion" where "agentId" = $1`,
)

const WANT_ROOM = statement(
  'test.want_room',
  `insert into "RealtimeRoom" (room, seq, "wantedUntil") values ($1, 0, now()) on conflict do nothing`,
)
const TOLD = statement<{ data: { agentId: string; status: string; step: string | null; code: string | null } }>(
  'test.told',
  `select data from "RealtimeEvent" where room = $1 and type = 'deployment:status' order by seq`,
)

test("an agent's account hears each step of its deployment, and how it ended", { timeout: 90_000 }, async () => {
  const room = `account:${house.admin.accountId}`
  await house.db.execute(WANT_ROOM, [room])
  const good = await house.deploy('heard', agentWith(''))
  const bad = await house.deploy('heard-failing', { 'index.ts': `throw new Error('no luck')` })
  const told = await house.db.query(TOLD, [room])
  const of = (agentId: string): string[] =>
    told
      .filter(({ data }) => data.agentId === agentId)
      .map(({ data }) => `${data.status} ${data.step ?? data.code ?? ''}`)
  expect(of(good.agentId)).toEqual([
    'building ',
    'building bundle',
    'building store code',
    'building read manifest',
    'testing ',
    'testing run examples',
    'testing activate',
    'active ',
  ])
  expect(of(bad.agentId).at(-1)).toBe('failed AGENT_NOT_DESCRIBED')
})

describe('what is wrong with an agent is told to its creator, and nothing goes live', { timeout: 90_000 }, () => {
  test.each<[string, Record<string, string>, string, RegExp]>([
    [
      'a refused import',
      { 'index.ts': `import 'node:fs'; export default async () => 1` },
      'BUNDLE_BUILTIN_REFUSED',
      /node:fs/,
    ],
    ['a module that throws', { 'index.ts': `throw new Error('no luck')` }, 'AGENT_NOT_DESCRIBED', /no luck/],
    ['a module that spins', { 'index.ts': `while (true) {}` }, 'AGENT_NOT_DESCRIBED', /TIMED_OUT|CPU/],
    ['a time that is none', agentWith(`retention: '2 weeks',`), 'MANIFEST_INVALID', /retention/],
    ['an amount that is none', agentWith(`price: { run: '1,5' },`), 'MANIFEST_INVALID', /price\.run/],
    [
      'events without a cap',
      agentWith(`price: { run: '1', events: { row: '0.1' } },`),
      'MANIFEST_INVALID',
      /price\.max/,
    ],
    [
      'too much memory',
      agentWith(`limits: { memoryMb: 100000 },`),
      'LIMIT_TOO_HIGH',
      /limits\.memoryMb is 100000; at most 1024/,
    ],
    [
      'an example that throws',
      agentWith(`examples: [{ name: 'E', input: {} }],`, `{ throw new Error('boom') }`),
      'EXAMPLE_FAILED',
      /"E".*boom/,
    ],
    [
      'an example whose file is not there',
      agentWith(`examples: [{ name: 'E', input: { f: './x.csv' } }],`, '({ ok: true })', 'z.object({ f: file() })'),
      'EXAMPLE_FILE_NOT_FOUND',
      /x\.csv/,
    ],
    [
      'an example that its own schema forbids',
      agentWith(`examples: [{ name: 'E', input: { n: 'x' } }],`, '({ ok: true })', 'z.object({ n: z.number() })'),
      'EXAMPLE_FAILED',
      /INPUT_INVALID.*\/n/,
    ],
  ])('%s', async (name, files, code, message) => {
    const ended = await house.deploy(`faulty-${name.replaceAll(/[^a-z]+/g, '-')}`.slice(0, 40), files)
    expect({ status: ended.status, code: ended.code }).toEqual({ status: 'failed', code })
    expect(ended.message).toMatch(message)
    expect(ended.steps.at(-1)?.status).toBe('failed')
    await expect(getRunnableAgent(house.agents, house.admin, ended.agentId)).rejects.toMatchObject({
      code: 'AGENT_INACTIVE',
    })
  })
})

test('a new version takes the place of the old one, and a faulty one leaves it live', { timeout: 90_000 }, async () => {
  const first = await house.deploy('changing', agentWith(`price: { run: '1' },`))
  const second = await house.deploy('changing', agentWith(`price: { run: '2' },`))
  const faulty = await house.deploy('changing', { 'index.ts': `throw new Error('no')` })
  expect([first.version, second.version, faulty.version]).toEqual([1, 2, 3])
  expect([second.status, faulty.status]).toEqual(['active', 'failed'])
  const agent = await getRunnableAgent(house.agents, house.admin, first.agentId)
  expect(agent).toMatchObject({ version: 2, manifest: { price: { runMicro: 2_000_000n } } })
  const pinned = await getRunnableAgent(house.agents, house.admin, first.agentId, { version: 1 })
  expect(pinned.manifest.price.runMicro).toBe(1_000_000n)
})

test('an example with a file shows its text as input and its real answer as output', { timeout: 90_000 }, async () => {
  const files = agentWith(
    `examples: [{ name: 'E', input: { f: './data.txt' } }],`,
    `({ ok: (await input.f.text()) === 'content' })`,
    'z.object({ f: file() })',
  )
  const { agentId, health, steps } = await house.deploy('with-file', { ...files, 'data.txt': 'content' })
  const view = presentAgent(await getAgent(house, house.admin, agentId), {
    isolation: 'strong',
    retention: { days: 30 },
    trialsLeft: null,
  })
  expect(view.examples).toEqual([{ name: 'E', input: { f: 'content' }, output: { ok: true }, files: [] }])
  expect(steps.map((step) => `${step.name}: ${step.status}`)).toEqual([
    'bundle: done',
    'store code: done',
    'read manifest: done',
    'run examples: done',
    'activate: done',
  ])
  expect(health).toMatchObject({ examples: 1, warnings: [] })
})

test('what computes only is there of Node.js, also for CommonJS', { timeout: 90_000 }, async () => {
  const { agentId, status } = await house.deploy('computing', {
    'index.js': `import { createHash } from 'node:crypto'; import { inflateSync, deflateSync } from 'zlib'; import lib from './lib.js'
      export default async () => [createHash('sha256').update('a').digest('hex').slice(0, 8), inflateSync(deflateSync('zip')).toString(), ...lib()]`,
    'lib.js': `const E = require('events'); const { format } = require('util'); const path = require('path')
      class Own extends E {} ; module.exports = () => [new Own().listenerCount('x'), format('%d', 7), path.join('a', '..', 'b'), Buffer.from('b').toString('hex')]`,
  })
  expect(status).toBe('active')
  const agent = await getRunnableAgent(house.agents, house.admin, agentId)
  expect(await aRunIn(house, agent, {})).toMatchObject({ output: ['ca978112', 'zip', 0, '7', 'b', '62'] })
})

test('a bare function is an agent, with a warning', { timeout: 90_000 }, async () => {
  const { agentId, health } = await house.deploy('bare', {
    'index.js': 'export default async (input) => ({ got: input })',
  })
  expect(health).toMatchObject({ warnings: [expect.stringContaining('bare function')] })
  const agent = await getRunnableAgent(house.agents, house.admin, agentId)
  expect(await aRunIn(house, agent, { a: 1 })).toMatchObject({ kind: 'succeeded', output: { got: { a: 1 } } })
})

test('an agent that streams but prices only the whole run is warned', { timeout: 90_000 }, async () => {
  const { health } = await house.deploy('streaming', agentWith(`streams: true, price: { run: '1' },`))
  expect(health).toMatchObject({ warnings: [expect.stringContaining('streams but prices only the whole run')] })
})

test(
  'a job that is delivered again, also by two workers at once, changes nothing and leaves one version',
  { timeout: 90_000 },
  async () => {
    const done = await house.deploy('twice', agentWith(''))
    const log = createLogger('silent')
    const context = {
      jobId: 'again',
      attempt: 2,
      isLastAttempt: true,
      signal: AbortSignal.timeout(60_000),
      progress: () => {},
      log,
      jobs: house.jobs,
    }
    const deps = {
      db: house.db,
      store: house.store,
      sandbox: house.sandbox,
      agents: house.agents,
      limits: {
        defaultTimeoutMs: 1_000,
        maxTimeoutMs: 2_000,
        maxCpuMs: 2_000,
        defaultMemoryMb: 128,
        maxMemoryMb: 128,
        maxOutputBytes: 1_000_000,
        maxLogBytes: 10_000,
        egressRunRequests: 10,
        egressRunBytes: 1_000_000,
      },
    }
    const payload = { deploymentId: done.id, trusted: true, name: 'x' }
    await carryOutDeployment(deps, payload, context)
    // As a worker that was killed before its last step would have left it.
    const forget = statement(
      'test.forget',
      `update "Deployment" set status = 'testing', "finishedAt" = null where id = $1`,
    )
    await house.db.execute(forget, [done.id])
    await Promise.all([carryOutDeployment(deps, payload, context), carryOutDeployment(deps, payload, context)])
    expect(await house.db.query(COUNT_VERSIONS, [done.agentId])).toEqual([{ versions: 1n }])
    expect(await getRunnableAgent(house.agents, house.admin, done.agentId)).toMatchObject({
      version: 1,
      status: 'active',
    })
  },
)
