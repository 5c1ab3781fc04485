import { MOST_PIXELS, type Pixels } from './pixels.ts'

/** A picture file, and what it tells besides its picture. */
export type PngFile = { readonly pixels: Pixels; readonly metadata: readonly string[] }

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
/** Chunks that tell of whoever made the file, and nothing of how it looks. */
const TELLTALES: Readonly<Record<string, string>> = {
  tEXt: 'text',
  zTXt: 'text',
  iTXt: 'text',
  eXIf: 'EXIF data',
  tIME: 'time of the last change',
}
/** Samples a pixel, by colour type. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
const DEPTHS: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
}
/** Adam7: where each pass begins, and how far apart its pixels are: x, y, step across, step down. */
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const

export const isPng = (bytes: Uint8Array): boolean => SIGNATURE.every((value, at) => bytes[at] === value)

type Head = {
  readonly width: number
  readonly height: number
  readonly depth: number
  readonly colour: number
  readonly isInterlaced: boolean
}

/** Reads a PNG of any colour type, depth and interlace (PNG, third edition, W3C 2025). @throws Error saying what is wrong */
export async function readPng(bytes: Uint8Array): Promise<PngFile> {
  let head: Head | null = null
  let palette: Uint8Array = new Uint8Array(0)
  let transparent: Uint8Array | null = null
  const data: Uint8Array[] = []
  const metadata = new Set<string>()
  for (const { type, content } of chunksOf(bytes)) {
    if (type === 'IHDR') head = readHead(content)
    else if (type === 'PLTE') palette = content.slice()
    else if (type === 'tRNS') transparent = content
    else if (type === 'IDAT') data.push(content)
    else if (TELLTALES[type] !== undefined) metadata.add(describe(type, content))
  }
  if (head === null) throw new Error('The file has no picture header')
  const rows = await inflate(data, rawBytes(head))
  const pixels = readRows(head, rows, palette, transparent)
  return { pixels, metadata: [...metadata] }
}

function describe(type: string, content: Uint8Array): string {
  if (!type.endsWith('Xt') && !type.endsWith('XT')) return TELLTALES[type] ?? type
  const end = content.indexOf(0)
  const keyword = new TextDecoder('latin1').decode(content.subarray(0, Math.min(Math.max(end, 0), 79)))
  return keyword === '' ? 'text' : `text "${keyword}"`
}

function* chunksOf(bytes: Uint8Array): Generator<{ readonly type: string; readonly content: Uint8Array }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = SIGNATURE.length; at < bytes.length;) {
    if (at + 12 > bytes.length) throw new Error('The file ends in the middle of the picture')
    const size = view.getUint32(at)
    const end = at + 8 + size
    if (end + 4 > bytes.length) throw new Error('The file ends in the middle of the picture')
    const type = new TextDecoder('latin1').decode(bytes.subarray(at + 4, at + 8))
    const isCritical = /^[A-Z]/.test(type)
    if (isCritical && view.getUint32(end) !== crc(bytes.subarray(at + 4, end)))
      throw new Error(`The file is damaged: the checksum of its part ${type} is wrong`)
    if (type === 'IEND') return
    yield { type, content: bytes.subarray(at + 8, end) }
    at = end + 4
  }
  throw new Error('The file ends in the middle of the picture')
}

function readHead(content: Uint8Array): Head {
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength)
  if (content.length !== 13) throw new Error('The picture header is damaged')
  const [width, height, depth, colour, interlace] = [
    view.getUint32(0),
    view.getUint32(4),
    view.getUint8(8),
    view.getUint8(9),
    view.getUint8(12),
  ]
  if (width === 0 || height === 0 || DEPTHS[colour]?.includes(depth) !== true || interlace > 1)
    throw new Error('The picture header is damaged')
  if (width * height > MOST_PIXELS)
    throw new Error(`The picture has ${width} x ${height} pixels; at most ${MOST_PIXELS / 1e6} million are taken`)
  return { width, height, depth, colour, isInterlaced: interlace === 1 }
}

type Pass = {
  readonly x: number
  readonly y: number
  readonly dx: number
  readonly dy: number
  readonly width: number
  readonly height: number
}

function passesOf({ width, height, isInterlaced }: Head): Pass[] {
  if (!isInterlaced) return [{ x: 0, y: 0, dx: 1, dy: 1, width, height }]
  return PASSES.map(([x, y, dx, dy]) => ({
    x,
    y,
    dx,
    dy,
    width: Math.max(0, Math.ceil((width - x) / dx)),
    height: Math.max(0, Math.ceil((height - y) / dy)),
  })).filter((pass) => pass.width > 0 && pass.height > 0)
}

const rowBytes = (head: Head, width: number): number =>
  Math.ceil((width * (CHANNELS[head.colour] ?? 1) * head.depth) / 8)

const rawBytes = (head: Head): number =>
  passesOf(head).reduce((sum, pass) => sum + pass.height * (1 + rowBytes(head, pass.width)), 0)

/** What the picture's data unpack to: as much as the header says, or the file is a lie or a bomb. */
async function inflate(parts: readonly Uint8Array[], sizeBytes: number): Promise<Uint8Array> {
  const rows = new Uint8Array(sizeBytes)
  let at = 0
  try {
    for await (const piece of streamOf(parts).pipeThrough(new DecompressionStream('deflate'))) {
      if (at + piece.length > sizeBytes) throw new Error('more than the header says')
      rows.set(piece, at)
      at += piece.length
    }
  } catch (error) {
    throw new Error('The picture data are damaged', { cause: error })
  }
  if (at < sizeBytes) throw new Error('The file ends in the middle of the picture')
  return rows
}

function streamOf(parts: readonly Uint8Array[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part.slice())
      controller.close()
    },
  })
}

function readRows(head: Head, rows: Uint8Array, palette: Uint8Array, transparent: Uint8Array | null): Pixels {
  const { width, height, depth, colour } = head
  if (colour === 3 && palette.length < 3) throw new Error('The picture has no palette')
  const channels = CHANNELS[colour] ?? 1
  const step = Math.max(1, (channels * depth) >> 3)
  const key = transparent === null || colour === 3 ? null : samplesOfKey(transparent, channels)
  const rgba = new Uint8Array(width * height * 4)
  let at = 0
  for (const pass of passesOf(head)) {
    const size = rowBytes(head, pass.width)
    let before: Uint8Array = new Uint8Array(size)
    for (let row = 0; row < pass.height; row += 1) {
      const line = rows.subarray(at + 1, at + 1 + size)
      unfilter(value(rows, at), line, before, step)
      before = line
      at += 1 + size
      for (let n = 0; n < pass.width; n += 1) {
        const target = ((pass.y + row * pass.dy) * width + pass.x + n * pass.dx) * 4
        putPixel({ rgba, target }, { line, n, depth, colour, channels }, palette, transparent, key)
      }
    }
  }
  return { width, height, rgba }
}

/** Undoes the filter of a row, in place. */
function unfilter(filter: number, line: Uint8Array, before: Uint8Array, step: number): void {
  if (filter > 4) throw new Error('The picture data are damaged')
  for (let i = 0; i < line.length; i += 1) {
    const left = i < step ? 0 : value(line, i - step)
    const up = value(before, i)
    let guess = 0
    if (filter === 1) guess = left
    else if (filter === 2) guess = up
    else if (filter === 3) guess = (left + up) >> 1
    else if (filter === 4) guess = paeth(left, up, i < step ? 0 : value(before, i - step))
    line[i] = value(line, i) + guess
  }
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner
  const byLeft = Math.abs(guess - left)
  const byUp = Math.abs(guess - up)
  const byCorner = Math.abs(guess - corner)
  if (byLeft <= byUp && byLeft <= byCorner) return left
  return byUp <= byCorner ? up : corner
}

type Sample = {
  readonly line: Uint8Array
  readonly n: number
  readonly depth: number
  readonly colour: number
  readonly channels: number
}

function putPixel(
  { rgba, target }: { readonly rgba: Uint8Array; readonly target: number },
  sample: Sample,
  palette: Uint8Array,
  transparent: Uint8Array | null,
  key: readonly number[] | null,
): void {
  const { colour, channels } = sample
  if (colour === 3) {
    const index = sampleAt(sample, 0)
    if (index * 3 + 2 >= palette.length) throw new Error('The picture names a colour that its palette does not have')
    for (let c = 0; c < 3; c += 1) rgba[target + c] = value(palette, index * 3 + c)
    rgba[target + 3] = transparent?.[index] ?? 255
    return
  }
  const isGray = colour === 0 || colour === 4
  for (let c = 0; c < 3; c += 1) rgba[target + c] = asByte(sampleAt(sample, isGray ? 0 : c), sample.depth)
  const hasAlpha = colour === 4 || colour === 6
  const isKey = key !== null && key.every((part, c) => part === sampleAt(sample, c))
  rgba[target + 3] = hasAlpha ? asByte(sampleAt(sample, channels - 1), sample.depth) : isKey ? 0 : 255
}

function sampleAt({ line, n, depth, channels }: Sample, channel: number): number {
  const index = n * channels + channel
  if (depth === 8) return value(line, index)
  if (depth === 16) return value(line, index * 2) * 256 + value(line, index * 2 + 1)
  const bit = index * depth
  return (value(line, bit >> 3) >> (8 - depth - (bit & 7))) & ((1 << depth) - 1)
}

const asByte = (sample: number, depth: number): number =>
  depth === 8 ? sample : Math.round((sample * 255) / (2 ** depth - 1))

const samplesOfKey = (key: Uint8Array, channels: number): number[] =>
  Array.from({ length: channels }, (_, c) => value(key, c * 2) * 256 + value(key, c * 2 + 1))

/** Writes a PNG of 8 bits a sample, with as few samples a pixel as the picture needs, and nothing besides the picture. */
export async function writePng({ width, height, rgba }: Pixels): Promise<Uint8Array> {
  const colour = colourOf(rgba)
  const channels = CHANNELS[colour] ?? 4
  const size = width * channels
  const rows = new Uint8Array(height * (1 + size))
  const line = new Uint8Array(size)
  const before = new Uint8Array(size)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1)
      for (let c = 0; c < channels; c += 1)
        line[x * channels + c] = value(rgba, (y * width + x) * 4 + (channels === 2 && c === 1 ? 3 : c))
    filterRow(rows.subarray(y * (1 + size), (y + 1) * (1 + size)), line, before, channels)
    before.set(line)
  }
  const head = new Uint8Array(13)
  const view = new DataView(head.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  head.set([8, colour, 0, 0, 0], 8)
  const packed = await packedBytes(rows)
  return joined([
    Uint8Array.from(SIGNATURE),
    chunk('IHDR', head),
    chunk('IDAT', packed),
    chunk('IEND', new Uint8Array(0)),
  ])
}

function colourOf(rgba: Uint8Array): 0 | 2 | 4 | 6 {
  let isGray = true
  let isOpaque = true
  for (let i = 0; i < rgba.length && (isGray || isOpaque); i += 4) {
    if (value(rgba, i) !== value(rgba, i + 1) || value(rgba, i) !== value(rgba, i + 2)) isGray = false
    if (value(rgba, i + 3) !== 255) isOpaque = false
  }
  return isGray ? (isOpaque ? 0 : 4) : isOpaque ? 2 : 6
}

/** Of the five filters the one whose bytes are smallest in sum: what the specification recommends (12.7). Each filter has
 * a loop of its own: one loop that asks for the filter at every byte took four times as long. */
function filterRow(target: Uint8Array, line: Uint8Array, before: Uint8Array, step: number): void {
  let least = Infinity
  const tried = new Uint8Array(line.length)
  for (const [filter, apply] of FILTERS.entries()) {
    apply(tried, line, before, step)
    let sum = 0
    for (const byte of tried) sum += byte < 128 ? byte : 256 - byte
    if (sum >= least) continue
    least = sum
    target[0] = filter
    target.set(tried, 1)
  }
}

type Filter = (to: Uint8Array, line: Uint8Array, before: Uint8Array, step: number) => void

const FILTERS: readonly Filter[] = [
  (to, line) => to.set(line),
  (to, line, _before, step) => {
    for (let i = 0; i < line.length; i += 1) to[i] = value(line, i) - (i < step ? 0 : value(line, i - step))
  },
  (to, line, before) => {
    for (let i = 0; i < line.length; i += 1) to[i] = value(line, i) - value(before, i)
  },
  (to, line, before, step) => {
    for (let i = 0; i < line.length; i += 1)
      to[i] = value(line, i) - (((i < step ? 0 : value(line, i - step)) + value(before, i)) >> 1)
  },
  (to, line, before, step) => {
    for (let i = 0; i < line.length; i += 1)
      to[i] =
        value(line, i) -
        paeth(i < step ? 0 : value(line, i - step), value(before, i), i < step ? 0 : value(before, i - step))
  },
]

async function packedBytes(bytes: Uint8Array): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  for await (const piece of streamOf([bytes]).pipeThrough(new CompressionStream('deflate'))) pieces.push(piece)
  return joined(pieces)
}

function chunk(type: string, content: Uint8Array): Uint8Array {
  const whole = new Uint8Array(12 + content.length)
  const view = new DataView(whole.buffer)
  view.setUint32(0, content.length)
  whole.set(new TextEncoder().encode(type), 4)
  whole.set(content, 8)
  view.setUint32(8 + content.length, crc(whole.subarray(4, 8 + content.length)))
  return whole
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1
  return c
})

function crc(bytes: Uint8Array): number {
  let c = 0xffffffff
  for (const byte of bytes) c = (CRC_TABLE[(c ^ byte) & 0xff] ?? 0) ^ (c >>> 8)
  return (c ^ 0xffffffff) >>> 0
}

const value = (bytes: Uint8Array, index: number): number => bytes[index] ?? 0
