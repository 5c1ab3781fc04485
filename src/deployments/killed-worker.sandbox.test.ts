import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { aDeploymentHouse } from '../../test/support/deployment-house.ts'
import { eventually } from '../../test/support/eventually.ts'
import { getRunnableAgent } from '../agents/index.ts'
import { createJobQueue } from '../jobs/index.ts'
import { awaitDeployment, deployAgent, getDeployment } from './index.ts'
import { agentDeployment } from './deployments.jobs.ts'

const WORKER = fileURLToPath(new URL('../../test/support/fixtures/deployment-worker.ts', import.meta.url))
const slow = `import { defineAgent } from 'bureau'; import { z } from 'zod'
  export default defineAgent({ name: 'Slow', input: z.object({}), output: z.object({}), examples: [{ name: 'E', input: {} }],
    run: async () => { await new Promise((resolve) => setTimeout(resolve, 2_000)); return {} } })`

test('a worker that is killed in the middle of a deployment is replaced, and the deployment ends live', async () => {
  const house = await aDeploymentHouse({ role: 'sends' })
  const worker = spawn(process.execPath, [WORKER, house.url, house.dataDir], { stdio: ['ignore', 'ignore', 'inherit'] })
  const gone = once(worker, 'exit')
  const sourceFiles = new Map([['index.ts', Buffer.from(slow)]])
  const order = { slug: 'slow', sourceFiles, createdBy: house.creatorId }
  const { deploymentId, agentId } = await deployAgent(house, house.admin, order)
  await eventually(
    async () => {
      const { steps } = await getDeployment(house, house.admin, deploymentId)
      expect(steps.at(-1)).toMatchObject({ name: 'run examples', status: 'running' })
    },
    { withinMs: 60_000 },
  )
  worker.kill('SIGKILL')
  await gone
  const { db, store, sandbox, agentCache, url, log, limits } = house
  const second = createJobQueue({
    url,
    poolMax: 2,
    log,
    jobs: [agentDeployment],
    deps: { db, store, sandbox, agents: { cache: agentCache }, limits },
  })
  await second.start(AbortSignal.timeout(10_000))
  const ended = await awaitDeployment(house, house.admin, deploymentId, { signal: AbortSignal.timeout(60_000) })
  await second.stop()
  expect({ status: ended.status, steps: ended.steps.length }).toEqual({ status: 'active', steps: 5 })
  await expect(getRunnableAgent(house.agents, house.admin, agentId)).resolves.toMatchObject({
    name: 'Slow',
    version: 1,
  })
}, 150_000)
