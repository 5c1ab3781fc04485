import { expect, test } from 'vitest'
import { getRunnableAgent } from '../../src/agents/index.ts'
import { publishExample } from '../../src/deployments/index.ts'
import { aDeploymentHouse } from '../../test/support/deployment-house.ts'
import { aRunIn } from '../../test/support/run-in-sandbox.ts'
import { measure, sectionsOf } from './measure-text.ts'

test('the text analyser tells each section as it is measured, charges it, and answers the whole', async () => {
  const house = await aDeploymentHouse()
  const order = { slug: 'text-analyser', folder: import.meta.dirname, createdBy: house.creatorId }
  const { agentId } = await publishExample(house, house.admin, order)
  const agent = await getRunnableAgent(house.agents, house.admin, agentId)
  const text = 'Before.\n# One\nThe cat sat. The cat slept.\n## Two\nA dog barked!'
  const ended = await aRunIn(house, agent, { text, keywords: 1 })
  expect(ended.chunks).toMatchObject([
    { section: 1, of: 3, title: 'Beginning', words: 1 },
    { section: 2, of: 3, title: 'One', words: 6, sentences: 2, keywords: [{ word: 'cat', count: 2 }] },
    { section: 3, of: 3, title: 'Two', words: 3, sentences: 1 },
  ])
  expect(ended).toMatchObject({ kind: 'succeeded', events: { section: 3 }, output: { sections: 3, words: 12 } })
}, 90_000)

test('long words in long sentences read harder than short ones in short ones, and an empty section is nothing', () => {
  const easy = measure('The sun is up. The day is hot. We go out.', 3)
  const hard = measure(
    'Notwithstanding considerable meteorological uncertainty, administration authorised departure.',
    3,
  )
  expect(easy.readingEase).toBeGreaterThan(90)
  expect(hard.readingEase).toBe(0)
  expect(measure('', 3)).toEqual({ words: 0, sentences: 0, readingEase: 0, minutes: 0, keywords: [] })
  expect(sectionsOf('')).toEqual([])
  expect(sectionsOf('# A\n# B\nb')).toEqual([
    { title: 'A', text: '' },
    { title: 'B', text: 'b' },
  ])
})
