/** QR codes of ISO/IEC 18004: bytes, error correction L, versions 1 to 15 (520 bytes). Enough for what an authenticator
 * scans, in a twentieth of what the usual packages weigh. The algorithm follows Nayuki's public description of the standard;
 * qr.test.ts compares it with what another encoder made. */

const MAX_VERSION = 15
// By version, from 1: error correction codewords of a block, and number of blocks (table 9, level L).
const EC_PER_BLOCK = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22]
const BLOCKS = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6]
const FORMAT_L = 1

export type QrMatrix = readonly (readonly boolean[])[]

/** The dark modules of a text, row by row; null when it is too long.
 * @param mask of the eight; left out, the one that is easiest to read */
export function qrMatrix(text: string, mask?: number): QrMatrix | null {
  const bytes = new TextEncoder().encode(text)
  const version = smallestVersion(bytes.length)
  if (version === null) return null
  const codewords = interleave(dataCodewords(bytes, version), version)
  const masks = mask === undefined ? [0, 1, 2, 3, 4, 5, 6, 7] : [mask]
  const drawn = masks.map((one) => draw(codewords, version, one))
  const best = drawn.reduce((left, right) => (penalty(right) < penalty(left) ? right : left))
  return best
}

/** The matrix as one SVG path in a square of `size + 8`: a quiet zone of four modules on each side. */
export function qrPath(matrix: QrMatrix): string {
  return matrix.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x + 4} ${y + 4}h1v1h-1z` : ''))).join('')
}

const at = (list: readonly number[], index: number): number => list[index] ?? 0
const ecPerBlock = (version: number): number => at(EC_PER_BLOCK, version - 1)
const blocksOf = (version: number): number => at(BLOCKS, version - 1)
const sizeOf = (version: number): number => version * 4 + 17

function rawCodewords(version: number): number {
  let modules = (16 * version + 128) * version + 64
  if (version >= 2) {
    const align = Math.floor(version / 7) + 2
    modules -= (25 * align - 10) * align - 55
    if (version >= 7) modules -= 36
  }
  return Math.floor(modules / 8)
}

const dataCapacity = (version: number): number => rawCodewords(version) - ecPerBlock(version) * blocksOf(version)
const lengthBits = (version: number): number => (version < 10 ? 8 : 16)

function smallestVersion(byteCount: number): number | null {
  for (let version = 1; version <= MAX_VERSION; version += 1) {
    if (4 + lengthBits(version) + byteCount * 8 <= dataCapacity(version) * 8) return version
  }
  return null
}

function dataCodewords(bytes: Uint8Array, version: number): number[] {
  const bits: number[] = []
  const push = (value: number, count: number) => {
    for (let bit = count - 1; bit >= 0; bit -= 1) bits.push((value >>> bit) & 1)
  }
  push(0b0100, 4)
  push(bytes.length, lengthBits(version))
  for (const byte of bytes) push(byte, 8)
  const capacity = dataCapacity(version) * 8
  push(0, Math.min(4, capacity - bits.length))
  push(0, (8 - (bits.length % 8)) % 8)
  let isFirst = true
  while (bits.length < capacity) {
    push(isFirst ? 0xec : 0x11, 8)
    isFirst = !isFirst
  }
  const codewords: number[] = []
  for (let start = 0; start < bits.length; start += 8) {
    codewords.push(bits.slice(start, start + 8).reduce((byte, bit) => (byte << 1) | bit, 0))
  }
  return codewords
}

/** Splits into blocks, adds each one's error correction, and takes from all in turn. */
function interleave(data: readonly number[], version: number): number[] {
  const count = blocksOf(version)
  const ecLength = ecPerBlock(version)
  const raw = rawCodewords(version)
  const shortBlocks = count - (raw % count)
  const shortLength = Math.floor(raw / count) - ecLength
  const divisor = generator(ecLength)
  const blocks: { readonly data: readonly number[]; readonly ec: readonly number[] }[] = []
  let start = 0
  for (let index = 0; index < count; index += 1) {
    const length = shortLength + (index < shortBlocks ? 0 : 1)
    const part = data.slice(start, start + length)
    start += length
    blocks.push({ data: part, ec: remainder(part, divisor) })
  }
  const result: number[] = []
  for (let index = 0; index <= shortLength; index += 1) {
    for (const block of blocks) if (index < block.data.length) result.push(at(block.data, index))
  }
  for (let index = 0; index < ecLength; index += 1) for (const block of blocks) result.push(at(block.ec, index))
  return result
}

/** Product in GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1. */
function multiply(x: number, y: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >>> 7) * 0x11d)
    product ^= ((y >>> bit) & 1) * x
  }
  return product
}

function generator(degree: number): number[] {
  const coefficients: number[] = Array.from({ length: degree }, () => 0)
  coefficients[degree - 1] = 1
  let root = 1
  for (let step = 0; step < degree; step += 1) {
    for (let index = 0; index < degree; index += 1) {
      coefficients[index] = multiply(at(coefficients, index), root) ^ at(coefficients, index + 1)
    }
    root = multiply(root, 2)
  }
  return coefficients
}

function remainder(data: readonly number[], divisor: readonly number[]): number[] {
  const result = divisor.map(() => 0)
  for (const byte of data) {
    const factor = byte ^ (result.shift() ?? 0)
    result.push(0)
    divisor.forEach((coefficient, index) => {
      result[index] = at(result, index) ^ multiply(coefficient, factor)
    })
  }
  return result
}

type Canvas = { readonly dark: boolean[][]; readonly fixed: boolean[][]; readonly size: number }

function draw(codewords: readonly number[], version: number, mask: number): boolean[][] {
  const size = sizeOf(version)
  const grid = () => Array.from({ length: size }, () => Array.from({ length: size }, () => false))
  const canvas: Canvas = { dark: grid(), fixed: grid(), size }
  drawPatterns(canvas, version)
  drawFormat(canvas, mask)
  drawVersion(canvas, version)
  drawCodewords(canvas, codewords)
  applyMask(canvas, mask)
  return canvas.dark
}

function set({ dark, fixed, size }: Canvas, x: number, y: number, isDark: boolean): void {
  if (x < 0 || y < 0 || x >= size || y >= size) return
  const row = dark[y]
  const fixedRow = fixed[y]
  if (row === undefined || fixedRow === undefined) return
  row[x] = isDark
  fixedRow[x] = true
}

function drawPatterns(canvas: Canvas, version: number): void {
  const { size } = canvas
  for (let index = 0; index < size; index += 1) {
    set(canvas, 6, index, index % 2 === 0)
    set(canvas, index, 6, index % 2 === 0)
  }
  const finders: readonly (readonly [number, number])[] = [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ]
  for (const [cx, cy] of finders) {
    for (let dy = -4; dy <= 4; dy += 1) {
      for (let dx = -4; dx <= 4; dx += 1) {
        const distance = Math.max(Math.abs(dx), Math.abs(dy))
        set(canvas, cx + dx, cy + dy, distance !== 2 && distance !== 4)
      }
    }
  }
  const centres = alignments(version)
  const last = centres.length - 1
  centres.forEach((cx, column) => {
    centres.forEach((cy, row) => {
      // Where the finders are.
      if ((column === 0 && row === 0) || (column === 0 && row === last) || (column === last && row === 0)) return
      for (let dy = -2; dy <= 2; dy += 1) {
        for (let dx = -2; dx <= 2; dx += 1) set(canvas, cx + dx, cy + dy, Math.max(Math.abs(dx), Math.abs(dy)) !== 1)
      }
    })
  })
}

function alignments(version: number): number[] {
  if (version === 1) return []
  const count = Math.floor(version / 7) + 2
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2
  const centres = [6]
  for (let index = count - 2; index >= 0; index -= 1) centres.push(sizeOf(version) - 7 - index * step)
  return centres
}

function drawFormat(canvas: Canvas, mask: number): void {
  const { size } = canvas
  const data = (FORMAT_L << 3) | mask
  let rest = data
  for (let step = 0; step < 10; step += 1) rest = (rest << 1) ^ ((rest >>> 9) * 0x537)
  const bits = ((data << 10) | rest) ^ 0x5412
  const bit = (index: number) => ((bits >>> index) & 1) === 1
  for (let index = 0; index <= 5; index += 1) set(canvas, 8, index, bit(index))
  set(canvas, 8, 7, bit(6))
  set(canvas, 8, 8, bit(7))
  set(canvas, 7, 8, bit(8))
  for (let index = 9; index < 15; index += 1) set(canvas, 14 - index, 8, bit(index))
  for (let index = 0; index < 8; index += 1) set(canvas, size - 1 - index, 8, bit(index))
  for (let index = 8; index < 15; index += 1) set(canvas, 8, size - 15 + index, bit(index))
  set(canvas, 8, size - 8, true)
}

function drawVersion(canvas: Canvas, version: number): void {
  if (version < 7) return
  let rest = version
  for (let step = 0; step < 12; step += 1) rest = (rest << 1) ^ ((rest >>> 11) * 0x1f25)
  const bits = (version << 12) | rest
  for (let index = 0; index < 18; index += 1) {
    const isDark = ((bits >>> index) & 1) === 1
    const far = canvas.size - 11 + (index % 3)
    const near = Math.floor(index / 3)
    set(canvas, far, near, isDark)
    set(canvas, near, far, isDark)
  }
}

/** In columns of two, from the right, up and down in turn. */
function drawCodewords({ dark, fixed, size }: Canvas, codewords: readonly number[]): void {
  let index = 0
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5
    for (let step = 0; step < size; step += 1) {
      for (const x of [right, right - 1]) {
        const isUpward = ((right + 1) & 2) === 0
        const y = isUpward ? size - 1 - step : step
        const row = dark[y]
        if (row === undefined || fixed[y]?.[x] === true || index >= codewords.length * 8) continue
        row[x] = ((at(codewords, index >>> 3) >>> (7 - (index & 7))) & 1) === 1
        index += 1
      }
    }
  }
}

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_x, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
]

function applyMask({ dark, fixed }: Canvas, mask: number): void {
  const inverts = MASKS[mask]
  dark.forEach((row, y) => {
    row.forEach((isDark, x) => {
      if (fixed[y]?.[x] === false && inverts?.(x, y) === true) row[x] = !isDark
    })
  })
}

/** How hard a matrix is to read, for choosing among masks: long runs, blocks of one colour, and an uneven share of dark. Any
 * mask can be read; the standard's fourth rule (patterns like a finder) is left to the runs. */
function penalty(matrix: QrMatrix): number {
  const size = matrix.length
  const isDark = (x: number, y: number): boolean => matrix[y]?.[x] === true
  let points = 0
  let darkCount = 0
  for (let line = 0; line < size; line += 1) {
    for (const cell of [(index: number) => isDark(index, line), (index: number) => isDark(line, index)]) {
      let run = 1
      for (let index = 1; index <= size; index += 1) {
        if (index < size && cell(index) === cell(index - 1)) run += 1
        else {
          if (run >= 5) points += run - 2
          run = 1
        }
      }
    }
    for (let x = 0; x < size; x += 1) {
      if (isDark(x, line)) darkCount += 1
      const colour = isDark(x, line)
      if (
        x + 1 < size &&
        line + 1 < size &&
        colour === isDark(x + 1, line) &&
        colour === isDark(x, line + 1) &&
        colour === isDark(x + 1, line + 1)
      )
        points += 3
    }
  }
  return points + Math.floor(Math.abs((darkCount * 20) / (size * size) - 10)) * 10
}
