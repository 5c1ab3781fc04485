import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cleanJpeg } from './jpeg.ts'
import { readPhoto, writePhoto } from './photo.ts'
import { cutMiddle, resize, sizeFor, toGray, turnUpright, type Pixels } from './pixels.ts'
import { readPng, writePng } from './png.ts'

/** 9 x 7: red with a lime square (0,0)-(3,3) and a blue rectangle (5,4)-(8,6), as ImageMagick 6.9 wrote it. */
const WRITTEN_ELSEWHERE: readonly (readonly [string, string])[] = [
  [
    '8-bit gray',
    'iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHCAAAAAD/8Di8AAAAIUlEQVQI12PcxsDA0MDAwMDAxAAD2FiMZgwMDAx3cMgCAG5eAlXDi09FAAAAAElFTkSuQmCC',
  ],
  [
    '8-bit gray, interlaced',
    'iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHCAAAAAGI9wgqAAAANUlEQVQI1y3JQREAMQgAsdA6ODHoQxVmiph7tL/N7O4jI83uI79oRSQjWlkQaV41CpfexeAHWAELnp6Kj4oAAAAASUVORK5CYII=',
  ],
  [
    '16-bit gray',
    'iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHEAAAAACvYOT/AAAAJElEQVQI12PcLsLAwMDAwFAfwwAFTAwYgDghRrMCGPMONykaASOlA0A//qVYAAAAAElFTkSuQmCC',
  ],
  [
    '16-bit gray, interlaced',
    'iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHEAAAAAHYZ9RpAAAATElEQVQI102MsRHAMAgDn1C6ZRamcU3tDTIWw9jDpDBJrEr3upemzcCH+IDVNG2GzlhN0uDuAOIDYDX46EWlxJOk7bJtOLY/dfoeAzz1OxIjo7F4pQAAAABJRU5ErkJggg==',
  ],
  [
    '8-bit colour',
    'iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHCAIAAABV+fA3AAAAIUlEQVQI12Nk+M8AB/8ZGZABEwNuQK4c4380PpL95JoJABLWBAtQuwdWAAAAAElFTkSuQmCC',
  ],
  [
    '8-bit colour, interlaced',
    'iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHCAIAAAEi/sChAAAAOUlEQVQI112MwQ0AMAgCz+6/M30o1kqiiBBACDzC7CeK5kQIX6h3+YeBSmbgd9AT3Zz4gguhpUfPBT9xFf1RsXFiAAAAAElFTkSuQmCC',
  ],
  [
    'palette of 2 bits',
    'iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHAgMAAACn9Y/zAAAACVBMVEUA/wD/AAAAAP9s7qtnAAAAE0lEQVQI12NgCHVgQMahWQ0wDABDmQYSldWIOwAAAABJRU5ErkJggg==',
  ],
  [
    'palette of 2 bits, interlaced',
    'iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHAgMAAAHQ8r9lAAAACVBMVEUA/wD/AAAAAP9s7qtnAAAAJUlEQVQI12MQYHBgiGAQYEhgYHVgCGtgYAXCKCBkCHUA49CsBgBPPAVbDWVGlQAAAABJRU5ErkJggg==',
  ],
  [
    '16-bit colour with alpha',
    'iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHEAYAAACKC7sjAAAALElEQVQY02NkYPj/H4Kxg///GRkZiABMxCgamgYxQkIHdxjBFTLiVzX4vAYAWtEMBRPWJGkAAAAASUVORK5CYII=',
  ],
  [
    '16-bit colour with alpha, interlaced',
    'iVBORw0KGgoAAAANSUhEUgAAAAkAAAAHEAYAAAH9DIu1AAAAT0lEQVQoz42QMRIAIQgDN/f/P8fCwwJF3IIRJhAQsMG2AWzioVX5kVZWtMxoKxTRaksc2DwOXjPvJn403M55nJB3yFRXZlqnV8rv24S6qwYdKUXWnlA12AAAAABJRU5ErkJggg==',
  ],
]

test.each(WRITTEN_ELSEWHERE)(
  'reads a PNG of %s as it was written, and gives the same pixels back',
  async (kind, base64) => {
    const { pixels } = await readPng(Buffer.from(base64, 'base64'))
    expect([pixels.width, pixels.height]).toEqual([9, 7])
    const [red, lime, blue] = kind.includes('gray') ? ['363636', 'b6b6b6', '121212'] : ['ff0000', '00ff00', '0000ff']
    const drawn = Array.from({ length: 63 }, (_, at) => {
      const [x, y] = [at % 9, Math.floor(at / 9)]
      return `${x <= 3 && y <= 3 ? lime : x >= 5 && y >= 4 ? blue : red}ff`
    })
    expect(Buffer.from(pixels.rgba).toString('hex').match(/.{8}/g)).toEqual(drawn)
    expect((await readPng(await writePng(pixels))).pixels).toEqual(pixels)
  },
)

test('what is transparent stays so, and gray and opaque pictures are written with fewer samples', async () => {
  const soft = picture(40, 30, (x, y) => [x * 6, y * 8, 200, (x * y) % 256])
  expect((await readPng(await writePng(soft))).pixels).toEqual(soft)
  const colourTypes = await Promise.all([soft, opaque(soft), toGray(soft), toGray(opaque(soft))].map(writePng))
  expect(colourTypes.map((png) => png[25])).toEqual([6, 2, 4, 0])
})

test('a damaged, cut or lying PNG is refused in words', async () => {
  const good = await writePng(picture(20, 20, (x, y) => [x, y, 0, 255]))
  const damaged = good.slice()
  damaged[45] = (damaged[45] ?? 0) ^ 0xff
  const bomb = good.slice()
  bomb.set([0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff], 16)
  await expect(readPng(damaged)).rejects.toThrow('The file is damaged')
  await expect(readPng(good.subarray(0, good.length - 20))).rejects.toThrow('ends in the middle')
  await expect(readPng(bomb)).rejects.toThrow(/damaged|at most 16 million/)
})

test('a size is kept in proportion inside its box, or covers it and is cut', () => {
  const from = { width: 640, height: 420 }
  const size = (width: number | null, height: number | null, fit: 'inside' | 'cover') =>
    Object.values(sizeFor(from, { width, height }, fit)).map((one) => `${one.width}x${one.height}`)
  expect(size(320, null, 'inside')).toEqual(['320x210', '320x210'])
  expect(size(100, 100, 'inside')).toEqual(['100x66', '100x66'])
  expect(size(100, 100, 'cover')).toEqual(['152x100', '100x100'])
  expect(size(null, null, 'cover')).toEqual(['640x420', '640x420'])
})

test('a plain picture stays plain at any size; a black and white one becomes its mean; nothing shines through', () => {
  const plain = picture(37, 23, () => [10, 200, 30, 255])
  for (const to of [
    { width: 5, height: 3 },
    { width: 90, height: 41 },
  ])
    expect(resize(plain, to)).toEqual(picture(to.width, to.height, () => [10, 200, 30, 255]))
  const stripes = resize(
    picture(64, 64, (x) => (x % 2 === 0 ? [0, 0, 0, 255] : [255, 255, 255, 255])),
    { width: 8, height: 8 },
  )
  const inner = stripes.rgba[(4 * 8 + 4) * 4] ?? 0
  expect(Math.abs(inner - 127.5)).toBeLessThanOrEqual(2)
  // Half red, half a green that cannot be seen: no green comes out.
  const rim = resize(
    picture(8, 8, (x) => (x < 4 ? [255, 0, 0, 255] : [0, 255, 0, 0])),
    { width: 3, height: 3 },
  )
  expect([...rim.rgba].filter((_, at) => at % 4 === 1)).toEqual(Array(9).fill(0))
  expect(
    cutMiddle(
      picture(10, 4, (x) => [x, 0, 0, 255]),
      { width: 4, height: 4 },
    ).rgba.filter((_, at) => at % 16 === 0),
  ).toEqual(Uint8Array.from([3, 3, 3, 3]))
})

test('a photo loses place, camera, time and comment, and not a byte of its picture', async () => {
  const photo = await readFile(join(import.meta.dirname, 'photo.jpg'))
  const clean = cleanJpeg(Buffer.concat([photo, Buffer.from('a film behind it')]))
  expect([clean.width, clean.height]).toEqual([480, 315])
  expect(clean.removed).toEqual([
    'place where it was taken (GPS)',
    'camera: Lumen Field 2',
    'time: 2026:05:14 18:22:07',
    'EXIF data',
    'comment',
    '16 bytes behind the picture',
  ])
  const tables = photo.indexOf(Buffer.from([0xff, 0xdb]))
  expect(Buffer.from(clean.bytes).subarray(-(photo.length - tables))).toEqual(photo.subarray(tables))
  expect(Buffer.from(clean.bytes).includes('Exif')).toBe(false)
  expect(cleanJpeg(clean.bytes).removed).toEqual([])
})

test('a photo that lies on its side stays so: of its EXIF data the orientation alone is kept', async () => {
  const photo = await readFile(join(import.meta.dirname, 'photo.jpg'))
  const upright = photo.indexOf(Buffer.from([0x01, 0x12, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01, 0x00, 0x01]))
  photo[upright + 9] = 6
  const clean = Buffer.from(cleanJpeg(photo).bytes)
  expect(clean.includes(Buffer.from([0x01, 0x12, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01, 0x00, 0x06]))).toBe(true)
  expect(clean.includes('Lumen')).toBe(false)
})

/** Red, lime, blue and white from the top left, 32 x 16, and other kinds of JPEG, as ImageMagick 6.9 wrote them. */
const QUARTERS =
  '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAIBAQEBAQIBAQECAgICAgQDAgICAgUEBAMEBgUGBgYFBgYGBwkIBgcJBwYGCAsICQoKCgoKBggLDAsKDAkKCgr/2wBDAQICAgICAgUDAwUKBwYHCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgr/wAARCAAQACADAREAAhEBAxEB/8QAFwABAQEBAAAAAAAAAAAAAAAAAAkICv/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAYAQEAAwEAAAAAAAAAAAAAAAAACAkKB//EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/AMXopr/AFKEW2FcBBttMWsAO4hQG6oA//9k='
const OTHER_KINDS: readonly (readonly [string, string, readonly number[], readonly number[]])[] = [
  [
    'progressive, with colours at half the size',
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/2wBDAQMEBAUEBQkFBQkUDQsNFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBT/wgARCAAQACADASIAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAAYH/8QAFgEBAQEAAAAAAAAAAAAAAAAAAAYH/9oADAMBAAIQAxAAAAHK08uNHoU8P//EABUQAQEAAAAAAAAAAAAAAAAAAAAT/9oACAEBAAEFArrrrrrrrv/EABYRAAMAAAAAAAAAAAAAAAAAAAAWYv/aAAgBAwEBPwFtobaP/8QAFhEAAwAAAAAAAAAAAAAAAAAAABZi/9oACAECAQE/AUuRLk//xAAUEAEAAAAAAAAAAAAAAAAAAAAw/9oACAEBAAY/Ag//xAAVEAEBAAAAAAAAAAAAAAAAAAAAcf/aAAgBAQABPyGlKUpSlP/aAAwDAQACAAMAAAAQyy//xAAWEQADAAAAAAAAAAAAAAAAAAAAEfD/2gAIAQMBAT8QplM//8QAFhEAAwAAAAAAAAAAAAAAAAAAABHw/9oACAECAQE/EJRKP//EABYQAQEBAAAAAAAAAAAAAAAAABEAIP/aAAgBAQABPxAwww5VX//Z',
    [255, 0, 0],
    [0, 0, 255],
  ],
  [
    'gray',
    '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/wAALCAAQACABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAAAAgJ/8QAFxAAAwEAAAAAAAAAAAAAAAAAABhkov/aAAgBAQAAPwCSFjkyFjkyFjkyFjkya1rHJkLHJkLHJkLHJk//2Q==',
    [0, 0, 0],
    [255, 255, 255],
  ],
  [
    'CMYK',
    '/9j/7gAOQWRvYmUAZAAAAAAC/9sAQwACAQEBAQECAQEBAgICAgIEAwICAgIFBAQDBAYFBgYGBQYGBgcJCAYHCQcGBggLCAkKCgoKCgYICwwLCgwJCgoK/9sAQwECAgICAgIFAwMFCgcGBwoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoK/8AAFAgAEAAQBAERAAIRAQMRAQQRAP/EABYAAQEBAAAAAAAAAAAAAAAAAAAGCf/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAWAQEBAQAAAAAAAAAAAAAAAAAACAn/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADgQBAAIRAxEEAAA/AKxbDHNpgAAAA//Z',
    [204, 51, 17],
    [204, 51, 17],
  ],
]

test('a photo is read as it was written, and written so that it is read as the same picture', () => {
  const { pixels, orientation } = readPhoto(Buffer.from(QUARTERS, 'base64'))
  expect([pixels.width, pixels.height, orientation]).toEqual([32, 16, 1])
  expect(cornersOf(pixels)).toEqual(['red', 'lime', 'blue', 'white'])
  const again = readPhoto(writePhoto(pixels, []))
  expect([again.removed, again.pixels.width, again.pixels.height]).toEqual([[], 32, 16])
  expect(cornersOf(again.pixels)).toEqual(['red', 'lime', 'blue', 'white'])
})

test.each(OTHER_KINDS)('a JPEG that is %s is read too', (_kind, base64, top, bottom) => {
  const { pixels } = readPhoto(Buffer.from(base64, 'base64'))
  for (const [row, colour] of [
    [0, top],
    [pixels.height - 1, bottom],
  ] as const)
    for (const [c, wanted] of colour.entries())
      expect(Math.abs((pixels.rgba[row * pixels.width * 4 + c] ?? -99) - wanted)).toBeLessThan(14)
})

/** EXIF 2.32, tag 0x0112: where the first row and the first column of what is stored are to be seen. */
const STANDS: readonly (readonly [number, string, string])[] = [
  [1, 'top', 'left'],
  [2, 'top', 'right'],
  [3, 'bottom', 'right'],
  [4, 'bottom', 'left'],
  [5, 'left', 'top'],
  [6, 'right', 'top'],
  [7, 'right', 'bottom'],
  [8, 'left', 'bottom'],
]

test.each(STANDS)(
  'stored as %i, its first row stands at the %s and its first column at the %s',
  (orientation, row, column) => {
    const { pixels } = readPhoto(Buffer.from(QUARTERS, 'base64'))
    const turned = turnUpright(pixels, orientation)
    expect([turned.width, turned.height]).toEqual(orientation >= 5 ? [16, 32] : [32, 16])
    const [red, lime, blue, white] = [
      [row, column],
      [row, opposite(column)],
      [opposite(row), column],
      [opposite(row), opposite(column)],
    ].map((sides) => CORNERS.findIndex((corner) => corner.every((side) => sides.includes(side))))
    const corners = cornersOf(turned)
    expect([red, lime, blue, white].map((at) => corners[at ?? -1])).toEqual(['red', 'lime', 'blue', 'white'])
  },
)

const CORNERS = [
  ['top', 'left'],
  ['top', 'right'],
  ['bottom', 'left'],
  ['bottom', 'right'],
]
const opposite = (side: string): string =>
  ({ top: 'bottom', bottom: 'top', left: 'right', right: 'left' })[side] ?? side

function cornersOf({ width, height, rgba }: Pixels): string[] {
  const colours: Record<string, string> = { '100': 'red', '010': 'lime', '001': 'blue', '111': 'white' }
  const places = [0, width - 1, (height - 1) * width, height * width - 1]
  return places.map((at) => {
    const bits = [0, 1, 2].map((c) => ((rgba[at * 4 + c] ?? 0) > 127 ? 1 : 0)).join('')
    return colours[bits] ?? bits
  })
}

test('a photo keeps the profile of its colours when it is made anew, and loses what else it told', async () => {
  const photo = await readFile(join(import.meta.dirname, 'photo.jpg'))
  const profile = Buffer.concat([Buffer.from([0xff, 0xe2, 0x00, 0x14]), Buffer.from('ICC_PROFILE\0\u0001\u0001abcd')])
  const withProfile = Buffer.concat([photo.subarray(0, 2), profile, photo.subarray(2)])
  const read = readPhoto(withProfile)
  const small = writePhoto(resize(read.pixels, { width: 120, height: 79 }), read.profile)
  expect(Buffer.from(small).indexOf(profile)).toBe(20)
  expect(cleanJpeg(small)).toMatchObject({ width: 120, height: 79, orientation: 1, removed: [] })
  expect(read.removed).toContain('place where it was taken (GPS)')
  // As a middle value: the same picture and not another one.
  const mean = ({ rgba }: Pixels) => rgba.reduce((sum, one) => sum + one, 0) / rgba.length
  expect(Math.abs(mean(readPhoto(small).pixels) - mean(read.pixels))).toBeLessThan(1)
})

test('a photo of too many pixels, a cut one and one that lies are refused in words, before they are unpacked', async () => {
  const photo = await readFile(join(import.meta.dirname, 'photo.jpg'))
  const frame = photo.indexOf(Buffer.from([0xff, 0xc0]))
  const lying = Buffer.from(photo)
  lying.writeUInt16BE(65_000, frame + 5)
  lying.writeUInt16BE(65_000, frame + 7)
  expect(() => readPhoto(lying)).toThrow('16 million pixels')
  const arithmetic = Buffer.from(photo)
  arithmetic[frame + 1] = 0xc9
  expect(() => readPhoto(arithmetic)).toThrow('kind of JPEG that is not read here')
  expect(() => readPhoto(photo.subarray(0, 2_000))).toThrow('ends in the middle')
})

test('no cut and no change of a photo makes the reader hang, read outside or throw anything but words', async () => {
  const photo = await readFile(join(import.meta.dirname, 'photo.jpg'))
  const words = /^(The file|The picture|This)/
  for (let at = 2; at < 700; at += 1) {
    const changed = Buffer.from(photo)
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8))
    for (const file of [changed, photo.subarray(0, at)])
      try {
        cleanJpeg(file)
        // Not all of them: decoding takes its time.
        if (at % 10 === 0) readPhoto(file)
      } catch (error) {
        expect(String(error instanceof Error ? error.message : error)).toMatch(words)
      }
  }
})

function picture(width: number, height: number, colour: (x: number, y: number) => readonly number[]): Pixels {
  const rgba = new Uint8Array(width * height * 4)
  for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) rgba.set(colour(x, y), (y * width + x) * 4)
  return { width, height, rgba }
}

const opaque = ({ width, height, rgba }: Pixels): Pixels => ({
  width,
  height,
  rgba: rgba.map((value, at) => (at % 4 === 3 ? 255 : value)),
})
