import { expect, test } from 'vitest'
import { getRunnableAgent } from '../../src/agents/index.ts'
import { publishExample } from '../../src/deployments/index.ts'
import { aDeploymentHouse } from '../../test/support/deployment-house.ts'
import { aRunIn } from '../../test/support/run-in-sandbox.ts'
import { readTable } from './read-table.ts'
import { writeReport } from './write-report.ts'

test('the report comes as output and as a file that is charged with its delivery', async () => {
  const house = await aDeploymentHouse()
  const order = { slug: 'markdown-report', folder: import.meta.dirname, createdBy: house.creatorId }
  const { agentId } = await publishExample(house, house.admin, order)
  const agent = await getRunnableAgent(house.agents, house.admin, agentId)
  const ended = await aRunIn(house, agent, { csv: 'city;amount\nLyon;2\nPorto;1\nLyon;3\n', groupBy: 'city' })
  expect(ended).toMatchObject({ kind: 'succeeded', events: { report_file: 1 } })
  const text = ended.artifacts.get('report.md')?.toString('utf8')
  expect(ended.output).toBe(text)
  expect(text).toContain('| Lyon | 2 | 5 | ████████████████████ |\n| Porto | 1 | 1 | ████ |')
  expect(await aRunIn(house, agent, { csv: 'a,b\n1,2\n', groupBy: 'c' })).toMatchObject({
    kind: 'failed',
    message: 'There is no column "c"; there are a, b',
  })
}, 90_000)

test('quoted cells keep their commas and line breaks, and cells cannot break the table or become markup', () => {
  const table = readTable('name,n\r\n"a, ""b""\nc",1\r\n<b>|x|,2\r\n')
  expect(table.rows).toEqual([
    ['a, "b"\nc', '1'],
    ['<b>|x|', '2'],
  ])
  const markdown = writeReport(table, { title: '*T*', groupBy: 'name' })
  expect(markdown).toContain('# \\*T\\*')
  expect(markdown).toContain('| \\<b\\>\\|x\\| | 1 | 2 |')
  expect(markdown).toContain('| n | 3 | 1.5 | 1 | 2 |')
})

test('a file without header or rows says so', () => {
  expect(() => readTable('')).toThrow('no header')
  expect(() => readTable('a,b\n')).toThrow('no rows')
})
