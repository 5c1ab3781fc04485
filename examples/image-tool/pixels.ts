/** A picture in memory: red, green, blue, alpha, a byte each, rows from the top. */
export type Pixels = { readonly width: number; readonly height: number; readonly rgba: Uint8Array }

/** 64 MB of pixels: what fits into the agent's memory beside a second picture. */
export const MOST_PIXELS = 16_000_000

export type Size = { readonly width: number; readonly height: number }

/** The size that a picture gets. `inside` keeps all of it within the box, `cover` fills the box and cuts what stands
 * over. A side that is left out follows the other one. */
export function sizeFor(
  from: Size,
  box: { readonly width: number | null; readonly height: number | null },
  fit: 'inside' | 'cover',
): { readonly scaled: Size; readonly cut: Size } {
  if (box.width === null && box.height === null) return { scaled: from, cut: from }
  const byWidth = box.width === null ? null : box.width / from.width
  const byHeight = box.height === null ? null : box.height / from.height
  const pick = fit === 'cover' ? Math.max : Math.min
  const scale = byWidth === null ? (byHeight ?? 1) : byHeight === null ? byWidth : pick(byWidth, byHeight)
  const scaled = {
    width: Math.max(1, Math.round(from.width * scale)),
    height: Math.max(1, Math.round(from.height * scale)),
  }
  if (fit === 'inside') return { scaled, cut: scaled }
  return {
    scaled,
    cut: {
      width: Math.min(scaled.width, box.width ?? scaled.width),
      height: Math.min(scaled.height, box.height ?? scaled.height),
    },
  }
}

/** Makes a picture larger or smaller. Each new pixel is a mean of those under it, weighted by a triangle that is as wide
 * as the step: fine lines become thinner instead of falling out. Colours count by how opaque they are, so that what is
 * transparent leaves no rim. */
export function resize(from: Pixels, to: Size): Pixels {
  if (to.width === from.width && to.height === from.height) return from
  const across = weights(from.width, to.width)
  const down = weights(from.height, to.height)
  const rgba = new Uint8Array(to.width * to.height * 4)
  // Rows of the old picture, narrowed; each is made when the first new row needs it, and dropped after the last.
  const narrowed = new Map<number, Float32Array>()
  for (let y = 0; y < to.height; y += 1) {
    const { first, parts } = at(down, y)
    for (const row of narrowed.keys()) if (row < first) narrowed.delete(row)
    const sum = new Float32Array(to.width * 4)
    for (const [n, weight] of parts.entries()) {
      const row = narrowed.get(first + n) ?? narrowRow(from, first + n, across)
      narrowed.set(first + n, row)
      for (let i = 0; i < sum.length; i += 1) sum[i] = value(sum, i) + value(row, i) * weight
    }
    for (let x = 0; x < to.width; x += 1) {
      const alpha = value(sum, x * 4 + 3)
      const target = (y * to.width + x) * 4
      for (let c = 0; c < 3; c += 1) rgba[target + c] = alpha === 0 ? 0 : byte((value(sum, x * 4 + c) * 255) / alpha)
      rgba[target + 3] = byte(alpha)
    }
  }
  return { ...to, rgba }
}

type Weights = { readonly first: number; readonly parts: readonly number[] }

function weights(from: number, to: number): readonly Weights[] {
  const step = from / to
  const reach = Math.max(step, 1)
  return Array.from({ length: to }, (_, n) => {
    const centre = (n + 0.5) * step - 0.5
    const first = Math.max(0, Math.ceil(centre - reach))
    const last = Math.min(from - 1, Math.floor(centre + reach))
    const raw = Array.from({ length: last - first + 1 }, (_part, m) => 1 - Math.abs(first + m - centre) / reach)
    const sum = raw.reduce((total, part) => total + part, 0)
    return sum === 0
      ? { first: Math.min(from - 1, Math.round(centre)), parts: [1] }
      : { first, parts: raw.map((part) => part / sum) }
  })
}

function narrowRow({ width, rgba }: Pixels, y: number, across: readonly Weights[]): Float32Array {
  const row = new Float32Array(across.length * 4)
  for (const [x, { first, parts }] of across.entries())
    for (const [n, weight] of parts.entries()) {
      const source = (y * width + first + n) * 4
      const alpha = value(rgba, source + 3) * weight
      for (let c = 0; c < 3; c += 1) row[x * 4 + c] = value(row, x * 4 + c) + (value(rgba, source + c) * alpha) / 255
      row[x * 4 + 3] = value(row, x * 4 + 3) + alpha
    }
  return row
}

/** The size of a picture once it stands upright. @param orientation as EXIF counts, 1 to 8 */
export const uprightSize = ({ width, height }: Size, orientation: number): Size =>
  orientation >= 5 ? { width: height, height: width } : { width, height }

/** Turns a picture so that it stands upright.
 * @param orientation where its first row and its first column are to be seen (EXIF 2.32, tag 0x0112) */
export function turnUpright(from: Pixels, orientation: number): Pixels {
  if (orientation < 2 || orientation > 8) return from
  const { width, height } = uprightSize(from, orientation)
  const [right, bottom] = [from.width - 1, from.height - 1]
  const rgba = new Uint8Array(from.rgba.length)
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [column, row] = orientation >= 5 ? [y, x] : [x, y]
      const isFromRight = orientation === 2 || orientation === 3 || orientation === 7 || orientation === 8
      const isFromBottom = orientation === 3 || orientation === 4 || orientation === 6 || orientation === 7
      const source = ((isFromBottom ? bottom - row : row) * from.width + (isFromRight ? right - column : column)) * 4
      const target = (y * width + x) * 4
      for (let c = 0; c < 4; c += 1) rgba[target + c] = value(from.rgba, source + c)
    }
  }
  return { width, height, rgba }
}

/** The middle of a picture. */
export function cutMiddle(from: Pixels, to: Size): Pixels {
  if (to.width === from.width && to.height === from.height) return from
  const left = (from.width - to.width) >> 1
  const top = (from.height - to.height) >> 1
  const rgba = new Uint8Array(to.width * to.height * 4)
  for (let y = 0; y < to.height; y += 1) {
    const start = ((top + y) * from.width + left) * 4
    rgba.set(from.rgba.subarray(start, start + to.width * 4), y * to.width * 4)
  }
  return { ...to, rgba }
}

/** Luma as BT.709 weighs it. */
export function toGray(from: Pixels): Pixels {
  const rgba = from.rgba.slice()
  for (let i = 0; i < rgba.length; i += 4) {
    const luma = byte(0.2126 * value(rgba, i) + 0.7152 * value(rgba, i + 1) + 0.0722 * value(rgba, i + 2))
    rgba.fill(luma, i, i + 3)
  }
  return { ...from, rgba }
}

const byte = (n: number): number => Math.min(255, Math.max(0, Math.round(n)))
const value = (list: Uint8Array | Float32Array, index: number): number => list[index] ?? 0
const at = (list: readonly Weights[], index: number): Weights => list[index] ?? { first: 0, parts: [] }
