import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { getRunnableAgent } from '../../src/agents/index.ts'
import { publishExample } from '../../src/deployments/index.ts'
import { isMissing } from '../support/capabilities.ts'
import { aDeploymentHouse } from '../support/deployment-house.ts'
import { aRunIn } from '../support/run-in-sandbox.ts'
import { root } from './markdown.ts'

async function runAgentOfReadme(source: string | undefined, file: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'readme-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, file), source ?? '')
  const house = await aDeploymentHouse()
  const { agentId } = await publishExample(house, house.admin, {
    slug: 'word-count',
    folder,
    createdBy: house.creatorId,
  })
  const agent = await getRunnableAgent(house.agents, house.admin, agentId)
  expect(agent).toMatchObject({ name: 'Word count', manifest: { price: { runMicro: 500_000n, maxMicro: 5_000_000n } } })
  expect(await aRunIn(house, agent, { text: `${'word '.repeat(2_500)}longest` })).toMatchObject({
    kind: 'succeeded',
    output: { words: 2_501, longest: 'longest' },
    events: { thousand_words: 2 },
  })
}

const readme = readFileSync(join(root, 'README.md'), 'utf8')

test('the agent in README.md deploys as it stands, runs and charges what it says', async () => {
  await runAgentOfReadme(/^```ts\n([^]*?)^```$/m.exec(readme)?.[1], 'index.ts')
}, 90_000)

test.skipIf(isMissing('bwrap') || isMissing('python3'))(
  'so does the one in Python',
  async () => {
    await runAgentOfReadme(/^```python\n([^]*?)^```$/m.exec(readme)?.[1], 'agent.py')
  },
  90_000,
)
