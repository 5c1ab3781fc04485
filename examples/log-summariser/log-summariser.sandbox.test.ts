import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { getAgent, getRunnableAgent, presentAgent } from '../../src/agents/index.ts'
import { publishExample } from '../../src/deployments/index.ts'
import { isMissing } from '../../test/support/capabilities.ts'
import { aDeploymentHouse } from '../../test/support/deployment-house.ts'
import { aRunIn } from '../../test/support/run-in-sandbox.ts'

const SITE = { isolation: 'strong', retention: { days: 30 }, trialsLeft: null } as const

describe.skipIf(isMissing('bwrap') || isMissing('python3'))('the log summariser, in Python', () => {
  test('is published with its example, and counts lines of the same shape as one message', async () => {
    const house = await aDeploymentHouse()
    const { agentId } = await publishExample(house, house.admin, {
      slug: 'log-summariser',
      folder: import.meta.dirname,
      createdBy: house.creatorId,
    })
    const view = presentAgent(await getAgent(house, null, agentId), SITE)
    expect(view).toMatchObject({
      name: 'Log summariser',
      language: 'python',
      category: 'developer-tools',
      price: { run: '1', events: {}, max: '1' },
      limits: { timeoutMs: 20_000, memoryMb: 128 },
      description: expect.stringMatching(/^Reads a log and says what matters: .*when it was worst\.$/),
    })
    const [example] = view.examples
    expect(example?.input).toEqual({ log: await readFile(join(import.meta.dirname, 'shop.log'), 'utf8') })
    expect(example?.output).toMatchObject({
      lines: 120,
      first: '2026-03-02T08:00:03Z',
      worst: expect.stringMatching(/^2026-03-02T08:(09|10|11|12)$/),
      messages: expect.arrayContaining([
        expect.objectContaining({
          level: 'error',
          message: 'payment: no answer from <address> after <n>ms (order <n>)',
        }),
        expect.objectContaining({ level: 'warn', message: 'slow query took <n>ms' }),
      ]),
    })

    const agent = await getRunnableAgent(house.agents, house.admin, agentId)
    const log = 'ERROR disk 1 full\n\n{"level":50,"msg":"disk 2 full"}\n{broken\nCRITICAL ouch\nplain words\n'
    const ended = await aRunIn(house, agent, { log, top: 2 })
    expect(ended.output).toEqual({
      lines: 5,
      first: null,
      last: null,
      levels: { fatal: 1, error: 2, info: 2 },
      worst: null,
      messages: [
        { level: 'fatal', count: 1, message: 'ouch', first: null, example: 'ouch' },
        { level: 'error', count: 2, message: 'disk <n> full', first: null, example: 'disk 1 full' },
      ],
    })
    expect(await aRunIn(house, agent, { log: '\n' })).toMatchObject({
      kind: 'failed',
      code: 'AGENT_INPUT_REJECTED',
      issues: [{ path: 'log', message: 'The log is empty' }],
    })
    expect(() => agent.validateInput({ log: 'x', top: 0 })).toThrow('does not match')
  }, 90_000)
})
