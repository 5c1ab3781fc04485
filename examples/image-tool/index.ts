import { defineAgent, file } from 'bureau'
import { z } from 'zod'
import { cleanJpeg, isJpeg } from './jpeg.ts'
import { cutMiddle, MOST_PIXELS, resize, sizeFor, toGray } from './pixels.ts'
import { isPng, readPng, writePng } from './png.ts'

const side = z.number().int().min(1).max(8_000)
const facts = z.object({ width: z.number().int(), height: z.number().int(), bytes: z.number().int() })

/** Makes a picture ready to be sent or published. */
export default defineAgent({
  name: 'Image tool',
  description:
    'Makes a picture ready to publish: resizes and crops a PNG, turns it gray, and takes out what a picture file tells besides its picture, such as where and when it was taken. JPEG photos are cleaned without touching a pixel.',
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
  limits: { timeoutMs: 60_000, memoryMb: 512 },
  idempotent: true,
  examples: [
    { name: 'A thumbnail', input: { image: './harbour.png', width: 240, height: 240, fit: 'cover' } },
    { name: 'Take the place out of a photo', input: { image: './photo.jpg' } },
  ],
  async run({ image, width, height, fit, grayscale }, ctx) {
    const bytes = await image.bytes()
    ctx.progress(0.1, 'reading the picture')
    const made = isJpeg(bytes)
      ? cleaned(bytes, width !== undefined || height !== undefined || grayscale)
      : isPng(bytes)
        ? await remade(bytes, { width: width ?? null, height: height ?? null }, fit, grayscale, ctx.progress)
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

function cleaned(bytes: Uint8Array, isChangeAsked: boolean): Made {
  if (isChangeAsked) refuse('A JPEG is only cleaned: leave width, height and grayscale out, or send it as PNG')
  const { width, height, bytes: clean, removed } = cleanJpeg(bytes)
  const picture = { width, height, bytes: clean.length }
  return { bytes: clean, type: 'image/jpeg', picture, before: { width, height, bytes: bytes.length }, removed }
}

async function remade(
  bytes: Uint8Array,
  box: { readonly width: number | null; readonly height: number | null },
  fit: 'inside' | 'cover',
  isGray: boolean,
  progress: (fraction: number, message: string) => void,
): Promise<Made> {
  const { pixels, metadata } = await readPng(bytes)
  const before = { width: pixels.width, height: pixels.height, bytes: bytes.length }
  const { scaled, cut } = sizeFor(pixels, box, fit)
  if (scaled.width * scaled.height > MOST_PIXELS) refuse(`That makes more than ${MOST_PIXELS / 1e6} million pixels`)
  progress(0.4, 'resizing')
  const sized = cutMiddle(resize(pixels, scaled), cut)
  progress(0.7, 'writing')
  const written = await writePng(isGray ? toGray(sized) : sized)
  const picture = { width: sized.width, height: sized.height, bytes: written.length }
  return { bytes: written, type: 'image/png', picture, before, removed: metadata }
}

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
