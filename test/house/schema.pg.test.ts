import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { statement, type Database } from '../../src/platform/database.ts'
import { createPrisma, type Prisma } from '../../src/platform/prisma.ts'
import { aDatabase } from '../support/database.ts'
import { root } from './markdown.ts'

// The specification names tables, columns and indexes, and shows SQL and Prisma calls. They are used here word for word.

const CUID = /^c[a-z0-9]{20,}$/

let db: Database
let prisma: Prisma
beforeAll(async () => {
  db = (await aDatabase()).db
  prisma = createPrisma({ pool: db.pool })
})

test.each([
  'CREATE INDEX idx_agent_status ON "Agent"(status);',
  'CREATE INDEX idx_deployment_created_by ON "Deployment"("createdBy");',
  'CREATE INDEX idx_agent_metrics_timestamp ON "AgentMetrics"(timestamp);',
])('%s stands literally in a migration, and its index in the database', async (sql) => {
  const migration = readFileSync(join(root, 'prisma/migrations/20261123000000_init/migration.sql'), 'utf8')
  expect(migration.split('\n')).toContain(sql)
  const [, name] = sql.split(' ').slice(1)
  const found = await db.query(INDEX, [name])
  expect(
    found.map(({ definition }) =>
      definition.replaceAll(/public\.|USING btree |"timestamp"|\s/g, (cut) =>
        cut === '"timestamp"' ? 'timestamp' : '',
      ),
    ),
  ).toEqual([sql.replaceAll(/[\s;]/g, '')])
})

const INDEX = statement<{ definition: string }>(
  'test.index',
  'select pg_get_indexdef(indexrelid) as definition from pg_index where indexrelid = to_regclass($1)',
)

test('an agent has the fields the specification gives it, and an id that is a cuid', async () => {
  await prisma.account.create({ data: { id: 'maker', name: 'Maker', slug: 'maker', kind: 'personal' } })
  const agent = await prisma.agent.create({
    data: {
      name: 'Echo',
      description: 'Says it again',
      fileUrl: 'agents/u/a/v1/agent.mjs',
      createdBy: 'u',
      accountId: 'maker',
      slug: 'echo',
    },
  })
  expect(agent).toMatchObject({
    id: expect.stringMatching(CUID),
    name: 'Echo',
    description: 'Says it again',
    fileUrl: 'agents/u/a/v1/agent.mjs',
    status: 'draft',
    createdBy: 'u',
  })
  expect(await prisma.agent.findUnique({ where: { id: agent.id } })).toEqual(agent)
})

test('a deployment has a status, health that may be absent, and its metrics', async () => {
  await prisma.account.create({ data: { id: 'deployer', name: 'Deployer', slug: 'deployer', kind: 'personal' } })
  const agent = await prisma.agent.create({
    data: { name: 'A', description: '', fileUrl: '', createdBy: 'u', accountId: 'deployer', slug: 'a' },
  })
  const deployment = await prisma.deployment.create({
    data: { agentId: agent.id, version: 1, sourceUrl: 'agents/u/a/v1/source.ts', createdBy: 'u' },
    include: { metrics: true },
  })
  expect(deployment).toMatchObject({ id: expect.stringMatching(CUID), status: 'pending', health: null, metrics: [] })
  await prisma.agentMetrics.create({
    data: {
      agentId: agent.id,
      deploymentId: deployment.id,
      version: 1,
      timestamp: new Date('2026-11-23T10:00:00Z'),
      runs: 2,
      succeeded: 2,
      failed: 0,
      timedOut: 0,
      canceled: 0,
      callers: 1,
      p50Ms: 1,
      p95Ms: 2,
      p99Ms: 2,
      chargedMicro: 4_000_000n,
      creatorMicro: 3_200_000n,
    },
  })
  const health = { latencyMs: 3 }
  await prisma.deployment.update({ where: { id: deployment.id }, data: { status: 'active', health } })
  expect(
    await prisma.deployment.findUnique({ where: { id: deployment.id }, include: { metrics: true } }),
  ).toMatchObject({
    status: 'active',
    health,
    metrics: [{ runs: 2, chargedMicro: 4_000_000n }],
  })
})

test("a web embed is created with the fields of the specification's sample", async () => {
  const sample = {
    name: 'My Tool',
    url: 'https://example.com',
    embedUrl: 'https://example.com/embed',
    type: 'tool',
    sandbox: 'allow-same-origin allow-scripts allow-forms',
    allowScripts: false,
    requireAuth: false,
  }
  const webEmbed = await prisma.webEmbed.create({ data: { ...sample, accountId: 'a', createdBy: 'u' } })
  expect(webEmbed).toMatchObject({ ...sample, id: expect.stringMatching(CUID) })
})
