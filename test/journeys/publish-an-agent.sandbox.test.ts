import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { getBalance } from '../../src/credits/index.ts'
import { statement } from '../../src/platform/database.ts'
import { createAccount, createApiKey } from '../../src/users/index.ts'
import { aCaller, type Caller } from '../support/callers.ts'
import { eventually } from '../support/eventually.ts'
import { aRunSite, send, type Answer, type RunSite } from '../support/run-site.ts'

const CREDIT = 1_000_000n
const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url))
const run = promisify(execFile)
let site: RunSite
let creator: Caller

const SOURCE = `
import { defineAgent } from 'bureau'
import { z } from 'zod'

export default defineAgent({
  name: 'Shout',
  input: z.object({ text: z.string().max(100) }),
  output: z.object({ text: z.string() }),
  price: { run: '0.5' },
  examples: [{ name: 'Hello', input: { text: 'hello' } }],
  run: ({ text }) => ({ text: text.toUpperCase() }),
})`

beforeAll(async () => {
  site = await aRunSite()
  creator = await aCreator()
})

/** A person whose key may also publish. */
async function aCreator(): Promise<Caller> {
  const person = await aCaller(site.database.db, 10n * CREDIT, 'Publisher')
  const { key } = await createApiKey(site.database, person.principal, {
    name: 'publish',
    scopes: ['agents.read', 'agents.write', 'runs.create', 'runs.read'],
    agentIds: [],
    expiresAt: null,
    monthlyCapMicro: null,
  })
  return { ...person, apiKey: key }
}

const post = (caller: Caller, path: string, body: unknown): Promise<Answer> =>
  send(new URL(path, site.server.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${caller.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

const ended = (caller: Caller, deploymentId: unknown): Promise<Answer> =>
  eventually(
    async () => {
      const answer = await site.get(caller, `api/deployments/${String(deploymentId)}`)
      expect(['active', 'failed']).toContain(answer.body['status'])
      return answer
    },
    { withinMs: 30_000 },
  )

describe('a stranger publishes an agent over the API', () => {
  test('uploaded, built, tried out and live: others run it, and the creator earns', async () => {
    const made = await post(creator, 'api/agents', {
      slug: 'shout',
      visibility: 'public',
      files: { 'index.ts': SOURCE },
    })
    expect([made.status, made.headers.get('location')]).toEqual([
      201,
      `/api/deployments/${String(made.body['deploymentId'])}`,
    ])
    expect((await ended(creator, made.body['deploymentId'])).body).toMatchObject({
      status: 'active',
      version: 1,
      code: null,
    })
    const agentId = String(made.body['agentId'])
    expect((await site.get(null, `api/agents/${agentId}`)).body).toMatchObject({
      name: 'Shout',
      price: { run: '0.5', max: '0.5' },
      examples: [{ name: 'Hello', input: { text: 'hello' }, output: { text: 'HELLO' } }],
    })
    const caller = await aCaller(site.database.db, CREDIT)
    expect((await site.run(caller, agentId, { text: 'quiet' })).body).toMatchObject({
      output: { text: 'QUIET' },
      charge: '0.5',
    })
    expect(await getBalance(site.database, creator.accountId)).toMatchObject({ earnedGrantedMicro: 400_000n })
  })

  test('a second upload is version 2, and taking the agent out stops new runs within a second', async () => {
    const first = await post(creator, 'api/agents', {
      slug: 'changing',
      visibility: 'public',
      files: { 'index.js': 'export default () => 1' },
    })
    await ended(creator, first.body['deploymentId'])
    const agentId = String(first.body['agentId'])
    const second = await post(creator, `api/agents/${agentId}/deployments`, {
      files: { 'index.js': 'export default () => 2' },
    })
    expect(second.body).toMatchObject({ agentId, version: 2 })
    expect((await ended(creator, second.body['deploymentId'])).body['status']).toBe('active')
    const caller = await aCaller(site.database.db, CREDIT)
    await eventually(async () => expect((await site.run(caller, agentId, {})).body['output']).toBe(2), {
      withinMs: 1_000,
    })
    expect((await post(creator, `api/agents/${agentId}/deactivate`, {})).body).toEqual({ agentId, status: 'inactive' })
    await eventually(async () => expect((await site.run(caller, agentId, {})).body['code']).toBe('AGENT_INACTIVE'), {
      withinMs: 1_000,
    })
  })

  test('what cannot be built fails with a code for its creator, and nobody can run it', async () => {
    const made = await post(creator, 'api/agents', {
      slug: 'broken',
      files: { 'index.ts': `import fs from 'node:fs'\nexport default () => fs.readFileSync('/etc/passwd', 'utf8')` },
    })
    const { body } = await ended(creator, made.body['deploymentId'])
    expect(body).toMatchObject({
      status: 'failed',
      code: 'BUNDLE_BUILTIN_REFUSED',
      message: expect.stringContaining('node:fs'),
    })
    expect((await site.run(creator, String(made.body['agentId']), {})).status).not.toBe(200)
  })

  test('nobody publishes into, looks at the deployment of, or takes out an agent of somebody else', async () => {
    const made = await post(creator, 'api/agents', { slug: 'mine', files: { 'index.js': 'export default () => 1' } })
    const stranger = await aCreator()
    const agentId = String(made.body['agentId'])
    const tries = [
      await post(stranger, `api/agents/${agentId}/deployments`, { files: { 'index.js': 'export default () => 0' } }),
      await site.get(stranger, `api/deployments/${String(made.body['deploymentId'])}`),
      await post(stranger, `api/agents/${agentId}/deactivate`, {}),
    ]
    expect(tries.map((answer) => answer.status)).toEqual([404, 404, 404])
    const callerOnly = await aCaller(site.database.db, 0n)
    expect((await post(callerOnly, 'api/agents', { slug: 'x', files: { 'index.js': '' } })).body['code']).toBe(
      'FORBIDDEN',
    )
  })
})

describe('the command line', () => {
  const env = (extra: Readonly<Record<string, string>>) => ({
    PATH: '/usr/bin:/bin',
    DATABASE_URL: site.database.url,
    BUREAU_DATA: site.dataDir,
    ...extra,
  })

  test('publishes a folder with the key of its owner', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bureau-agent-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    await writeFile(join(folder, 'index.ts'), SOURCE)
    const { stdout, stderr } = await run(
      process.execPath,
      [CLI, 'agent', 'publish', folder, '--slug', 'from-folder', '--visibility', 'public'],
      { env: env({ BUREAU_API_KEY: creator.apiKey, BUREAU_API_URL: site.server.url.href }) },
    )
    expect(stdout).toMatch(/^Version 1 of \w+ is live\.$/m)
    expect(stdout).toMatch(/^Its page: http:\/\/127\.0\.0\.1:\d+\/agents\/[^/]+\/from-folder$/m)
    expect(stderr).toContain('run examples …')
    expect((await site.get(null, 'api/agents?fields=slug')).body['items']).toContainEqual({ slug: 'from-folder' })
  })

  test(
    'publishes a folder with pictures in it as they are; visitors see what its examples made',
    { timeout: 120_000 },
    async () => {
      const folder = fileURLToPath(new URL('../../examples/image-tool', import.meta.url))
      const { stdout } = await run(
        process.execPath,
        [CLI, 'agent', 'publish', folder, '--slug', 'pictures', '--visibility', 'public'],
        { env: env({ BUREAU_API_KEY: creator.apiKey, BUREAU_API_URL: site.server.url.href }) },
      )
      const [, agentId = ''] = /^Version 1 of (\w+) is live\.$/m.exec(stdout) ?? []
      const seen = await site.get(null, `api/agents/${agentId}`)
      const examples = z.array(z.looseObject({ files: z.array(z.object({ name: z.string(), url: z.string() })) }))
      const [first, second] = examples.parse(seen.body['examples']).map(({ files }) => files[0])
      expect([first?.name, second?.name]).toEqual(['harbour-ready.png', 'photo-ready.jpg'])
      const picture = await fetch(new URL(first?.url ?? '', site.server.url))
      expect([picture.status, picture.headers.get('content-type')]).toEqual([200, 'image/png'])
      // A stranger's file is never a page of this origin.
      expect(picture.headers.get('content-disposition')).toMatch(/^attachment;/)
      expect(picture.headers.get('content-security-policy')).toContain('sandbox')
      expect(
        Buffer.from(await picture.arrayBuffer())
          .subarray(1, 4)
          .toString(),
      ).toBe('PNG')
      const gone = await site.get(null, `api/agents/${agentId}/examples/0/files/other.png`)
      expect([gone.status, gone.body['code']]).toEqual([404, 'EXAMPLE_FILE_GONE'])
    },
  )

  test('grants credits to a person by address, and leaves an audit event', async () => {
    const [person] = await site.database.db.query(
      statement<{ email: string }>('test.email', 'select email from "User" where id = $1'),
      [creator.userId],
    )
    const before = await getBalance(site.database, creator.accountId)
    const { stdout } = await run(process.execPath, [CLI, 'credits', 'grant', person?.email ?? '', '2.5'], {
      env: env({}),
    })
    expect(stdout).toContain('2.5 credits more')
    const after = await getBalance(site.database, creator.accountId)
    expect(after.grantedMicro - before.grantedMicro).toBe(2_500_000n)
    const events = await site.database.db.query(
      statement<{ details: unknown }>(
        'test.audit',
        `select details from "AuditEvent" where action = 'credits.granted' and "accountId" = $1`,
      ),
      [creator.accountId],
    )
    expect(events).toEqual([{ details: { credits: '2.5' } }])
  })

  test('grants credits to a team by its short name, and to no account of the site itself', async () => {
    const { accountId, slug } = await site.database.db.transaction((tx) =>
      createAccount(tx, { name: 'Pier Accounts', kind: 'team', slug: 'pier-accounts' }),
    )
    const grant = (to: string) => run(process.execPath, [CLI, 'credits', 'grant', to, '7'], { env: env({}) })
    expect((await grant(slug)).stdout).toBe('Pier Accounts (pier-accounts) has 7 credits more.\n')
    expect((await getBalance(site.database, accountId)).grantedMicro).toBe(7_000_000n)
    for (const nobody of ['no-such-team', 'platform', 'trials'])
      expect(await grant(nobody).catch((error: unknown) => error)).toMatchObject({
        code: 1,
        stderr: `No account here has the short name ${nobody}.\n`,
      })
  })

  test('prints a link that makes the first admin once', async () => {
    const { stdout } = await run(process.execPath, [CLI, 'admin', 'create', 'first@example.test'], {
      env: env({ BUREAU_URL: site.server.url.href }),
    })
    const link = /(\/setup\/\S+)/.exec(stdout)?.[1] ?? ''
    const answers = [1, 2].map(() => fetch(new URL(link, site.server.url), { method: 'POST' }))
    expect((await Promise.all(answers)).map((answer) => answer.status).toSorted((a, b) => a - b)).toEqual([200, 410])
  })

  test('says what to do where it is used wrongly or nobody answers', async () => {
    const wrong = await run(process.execPath, [CLI, 'admin', 'destroy'], { env: env({}) }).catch(
      (error: unknown) => error,
    )
    expect(wrong).toMatchObject({ code: 64, stderr: expect.stringContaining('bureau admin create <email>') })
    const absent = await run(process.execPath, [CLI, 'credits', 'grant', 'a@example.test', '1'], {
      env: env({ DATABASE_URL: 'postgresql://bureau@127.0.0.1:1/none' }),
    }).catch((error: unknown) => error)
    expect(absent).toMatchObject({ code: 1, stderr: expect.stringContaining('The database does not answer') })
  })
})
