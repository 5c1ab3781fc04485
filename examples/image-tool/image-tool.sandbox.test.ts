import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { getAgent, getRunnableAgent, presentAgent } from '../../src/agents/index.ts'
import { publishExample } from '../../src/deployments/index.ts'
import { aDeploymentHouse } from '../../test/support/deployment-house.ts'
import { aRunIn } from '../../test/support/run-in-sandbox.ts'
import { cleanJpeg } from './jpeg.ts'
import { readPng } from './png.ts'

const inlined = async (name: string, type: string) => ({
  $base64: (await readFile(join(import.meta.dirname, name))).toString('base64'),
  name,
  type,
})

test('bytes go in and a picture comes out, charged with its delivery; its examples are shown with their pictures', async () => {
  const house = await aDeploymentHouse()
  const order = { slug: 'image-tool', folder: import.meta.dirname, createdBy: house.creatorId }
  const { agentId } = await publishExample(house, house.admin, order)
  const agent = await getRunnableAgent(house.agents, house.admin, agentId)

  const image = await inlined('harbour.png', 'image/png')
  const small = await aRunIn(house, agent, { image, width: 64, height: 64, fit: 'cover', grayscale: true })
  expect(small).toMatchObject({
    kind: 'succeeded',
    events: { picture: 1 },
    output: {
      file: 'harbour-ready.png',
      picture: { width: 64, height: 64 },
      before: { width: 640, height: 420 },
      removed: expect.arrayContaining(['time of the last change', 'text "Author"']),
    },
  })
  const { pixels, metadata } = await readPng(small.artifacts.get('harbour-ready.png') ?? Buffer.alloc(0))
  expect([pixels.width, pixels.height, metadata]).toEqual([64, 64, []])

  const photo = await aRunIn(house, agent, { image: await inlined('photo.jpg', 'image/jpeg') })
  expect(photo.output).toMatchObject({ file: 'photo-ready.jpg', removed: expect.arrayContaining(['comment']) })
  expect(cleanJpeg(photo.artifacts.get('photo-ready.jpg') ?? Buffer.alloc(0)).removed).toEqual([])

  // On its side, as phones store it: the width asked for is that of the picture as people see it.
  const lying = await readFile(join(import.meta.dirname, 'photo.jpg'))
  lying[lying.indexOf(Buffer.from([0x01, 0x12, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01])) + 9] = 6
  const portrait = { $base64: lying.toString('base64'), name: 'phone.jpeg', type: 'image/jpeg' }
  const less = await aRunIn(house, agent, { image: portrait, width: 105 })
  expect(less).toMatchObject({
    kind: 'succeeded',
    events: { picture: 1 },
    output: { file: 'phone-ready.jpg', picture: { width: 105, height: 160 }, before: { width: 315, height: 480 } },
  })
  const stored = cleanJpeg(less.artifacts.get('phone-ready.jpg') ?? Buffer.alloc(0))
  expect(stored).toMatchObject({ width: 105, height: 160, orientation: 1, removed: [] })

  const wrong = await aRunIn(house, agent, { image: { ...image, $base64: Buffer.from('GIF89a').toString('base64') } })
  expect(wrong).toMatchObject({ kind: 'failed', message: expect.stringContaining('neither a PNG nor a JPEG') })

  const site = { isolation: 'strong', retention: { days: 30 }, trialsLeft: null } as const
  const { examples } = presentAgent(await getAgent({ db: house.db }, null, agentId), site)
  expect(examples.map(({ name, files }) => [name, files])).toEqual([
    [
      'A thumbnail',
      [
        {
          name: 'harbour-ready.png',
          type: 'image/png',
          sizeBytes: expect.any(Number),
          url: `/api/agents/${agentId}/examples/0/files/harbour-ready.png`,
        },
      ],
    ],
    ['Take the place out of a photo', [expect.objectContaining({ name: 'photo-ready.jpg', type: 'image/jpeg' })]],
    ['A smaller photo', [expect.objectContaining({ name: 'photo-ready.jpg', type: 'image/jpeg' })]],
  ])
}, 90_000)
