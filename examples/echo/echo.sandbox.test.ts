import { expect, test } from 'vitest'
import { getRunnableAgent } from '../../src/agents/index.ts'
import { publishExample } from '../../src/deployments/index.ts'
import { aDeploymentHouse } from '../../test/support/deployment-house.ts'
import { aRunIn } from '../../test/support/run-in-sandbox.ts'

test('the echo agent is published by the deployment job and answers what it is sent; a second start publishes nothing', async () => {
  const house = await aDeploymentHouse()
  const order = { slug: 'echo', folder: import.meta.dirname, createdBy: house.creatorId }
  const first = await publishExample(house, house.admin, order)
  expect(first).toMatchObject({ version: 1, isNew: true })
  const agent = await getRunnableAgent(house.agents, house.admin, first.agentId)
  expect(agent).toMatchObject({
    name: 'Echo',
    status: 'active',
    trusted: true,
    manifest: { price: { runMicro: 1_000_000n, maxMicro: 1_000_000n } },
  })
  expect(await aRunIn(house, agent, { any: ['thing', 1] })).toMatchObject({
    kind: 'succeeded',
    output: { any: ['thing', 1] },
  })
  expect(await publishExample(house, house.admin, order)).toEqual({ agentId: first.agentId, version: 1, isNew: false })
}, 90_000)
