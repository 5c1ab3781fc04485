import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { getAgent, getRunnableAgent, presentAgent } from '../../src/agents/index.ts'
import { publishExample } from '../../src/deployments/index.ts'
import { aDeploymentHouse } from '../../test/support/deployment-house.ts'
import { aRunIn } from '../../test/support/run-in-sandbox.ts'

const SITE = { isolation: 'strong', retention: { days: 30 }, trialsLeft: null } as const

test('the CSV profiler is published, shows its example with input and output, and charges per column', async () => {
  const house = await aDeploymentHouse()
  const { agentId } = await publishExample(house, house.admin, {
    slug: 'csv-profiler',
    folder: import.meta.dirname,
    createdBy: house.creatorId,
  })
  const view = presentAgent(await getAgent(house, null, agentId), SITE)
  expect(view).toMatchObject({
    name: 'CSV profiler',
    category: 'data',
    icon: 'file-spreadsheet',
    language: 'typescript',
    price: { run: '2', events: { column: '0.1' }, max: '12' },
  })
  expect(view.readme).toContain('# CSV profiler')
  const csv = await readFile(join(import.meta.dirname, 'sales.csv'), 'utf8')
  const [example] = view.examples
  expect(example?.input).toEqual({ csv })
  expect(example?.output).toMatchObject({ rows: 241, delimiter: ',', hasHeader: true, duplicateRows: 1 })

  const agent = await getRunnableAgent(house.agents, house.admin, agentId)
  const ended = await aRunIn(house, agent, { csv: 'a;b\n1;x\n2;y\n' })
  expect(ended).toMatchObject({
    kind: 'succeeded',
    events: { column: 2 },
    output: {
      rows: 2,
      delimiter: ';',
      columns: [
        { name: 'a', type: 'integer' },
        { name: 'b', type: 'text' },
      ],
    },
  })
  expect(() => agent.validateInput({ csv: 1, extra: true })).toThrow('does not match')
}, 90_000)
