import { defineAgent, file } from 'bureau'
import { z } from 'zod'
import { cleanJpeg, isJpeg } from './jpeg.ts'
import { readPhoto, writePhoto } from './photo.ts'
import { cutMiddle, MOST_PIXELS, resize, sizeFor, toGray, turnUpright, uprightSize, type Pixels } from './pixels.ts'
import { isPng, readPng, writePng } from './png.ts'

const side = z.number().int().min(1).max(8_000)
const facts = z.object({ width: z.number().int(), height: z.number().int(), bytes: z.number().int() })

/** Makes a picture ready to be sent or published. */
export default defineAgent({
  name: 'Image tool',
  description:
    'Makes a picture ready to publish: resizes and crops a PNG or a JPEG photo, turns it upright and gray, and takes out what a picture file tells besides its picture, such as where and when it was taken. A photo that is only cleaned keeps every pixel as it was.',
  category: 'images',
  icon: 'image',
  view: 'image',
  input: z.object({
    image: file({ accept: ['image/png', 'image/jpeg'], maxBytes: 20_000_000 }),
    width: side.optional().describe('Pixels; left out, it follows the height'),
    height: side.optional().describe('Pixels; left out, it follows the width'),
    fit: z
      .enum(['inside', 'cover'])
      .default('inside')
      .describe('inside keeps all of it; cover fills the size and crops'),
    grayscale: z.boolean().default(false),
  }),
  output: z.object({
    file: z.string().describe('Name of the picture among the files'),
    picture: facts,
    before: facts,
    removed: z.array(z.string()).describe('What the file told besides its picture'),
  }),
  price: { run: '0.5', events: { picture: '1' }, max: '1.5' },
  limits: { timeoutMs: 60_000, memoryMb: 768 },
  idempotent: true,
  examples: [
    { name: 'A thumbnail', input: { image: './harbour.png', width: 240, height: 240, fit: 'cover' } },
    { name: 'Take the place out of a photo', input: { image: './photo.jpg' } },
    { name: 'A smaller photo', input: { image: './photo.jpg', width: 320 } },
  ],
  async run({ image, width, height, fit, grayscale }, ctx) {
    const bytes = await image.bytes()
    ctx.progress(0.1, 'reading the picture')
    const wish = { box: { width: width ?? null, height: height ?? null }, fit, isGray: grayscale }
    const isChanged = width !== undefined || height !== undefined || grayscale
    const made = isJpeg(bytes)
      ? isChanged
        ? remadePhoto(bytes, wish, ctx.progress)
        : cleaned(bytes)
      : isPng(bytes)
        ? await remadePng(bytes, wish, ctx.progress)
        : refuse('This is neither a PNG nor a JPEG file, whatever its name says')
    ctx.log.info('made', { format: made.type, width: made.picture.width, height: made.picture.height })
    const name = `${stem(image.name)}-ready.${made.type === 'image/png' ? 'png' : 'jpg'}`
    await ctx.artifacts.put(name, made.bytes, { type: made.type, charge: 'picture' })
    return { file: name, picture: made.picture, before: made.before, removed: [...made.removed] }
  },
})

type Facts = z.infer<typeof facts>
type Made = {
  readonly bytes: Uint8Array
  readonly type: 'image/png' | 'image/jpeg'
  readonly picture: Facts
  readonly before: Facts
  readonly removed: readonly string[]
}

type Wish = {
  readonly box: { readonly width: number | null; readonly height: number | null }
  readonly fit: 'inside' | 'cover'
  readonly isGray: boolean
}
type Progress = (fraction: number, message: string) => void

function cleaned(bytes: Uint8Array): Made {
  const { orientation, bytes: clean, removed, ...stored } = cleanJpeg(bytes)
  const size = uprightSize(stored, orientation)
  return { bytes: clean, type: 'image/jpeg', picture: factsOf(size, clean), before: factsOf(size, bytes), removed }
}

function remadePhoto(bytes: Uint8Array, wish: Wish, progress: Progress): Made {
  const { pixels, orientation, profile, removed } = readPhoto(bytes)
  const sized = remade(pixels, orientation, wish, progress)
  const written = writePhoto(sized, profile)
  return {
    bytes: written,
    type: 'image/jpeg',
    picture: factsOf(sized, written),
    before: factsOf(uprightSize(pixels, orientation), bytes),
    removed,
  }
}

async function remadePng(bytes: Uint8Array, wish: Wish, progress: Progress): Promise<Made> {
  const { pixels, metadata } = await readPng(bytes)
  const sized = remade(pixels, 1, wish, progress)
  const written = await writePng(sized)
  return {
    bytes: written,
    type: 'image/png',
    picture: factsOf(sized, written),
    before: factsOf(pixels, bytes),
    removed: metadata,
  }
}

/** Turned when it is smaller: fewer pixels to move. */
function remade(pixels: Pixels, orientation: number, { box, fit, isGray }: Wish, progress: Progress): Pixels {
  const { scaled, cut } = sizeFor(uprightSize(pixels, orientation), box, fit)
  if (scaled.width * scaled.height > MOST_PIXELS) refuse(`That makes more than ${MOST_PIXELS / 1e6} million pixels`)
  progress(0.4, 'resizing')
  const sized = cutMiddle(turnUpright(resize(pixels, uprightSize(scaled, orientation)), orientation), cut)
  progress(0.7, 'writing')
  return isGray ? toGray(sized) : sized
}

const factsOf = ({ width, height }: { width: number; height: number }, { length }: Uint8Array): Facts => ({
  width,
  height,
  bytes: length,
})

function refuse(what: string): never {
  throw new Error(what)
}

const stem = (name: string): string => {
  const plain = name
    .replace(/\.[^.]*$/, '')
    .replaceAll(/[^\p{L}\p{N} ._-]/gu, '')
    .trim()
    .slice(0, 60)
  return plain === '' ? 'picture' : plain
}
