import { joined } from './png.ts'

/** A JPEG freed of what it tells besides its picture. Not a byte of the picture itself is changed. */
export type CleanJpeg = {
  /** As it is stored; {@link CleanJpeg.orientation} says how it stands. */
  readonly width: number
  readonly height: number
  /** 1 upright, 2 to 8 turned or mirrored, as EXIF counts. */
  readonly orientation: number
  /** The segments that hold the colour profile of its red, green and blue. */
  readonly profile: readonly Uint8Array[]
  readonly bytes: Uint8Array
  readonly removed: readonly string[]
}

export const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff

const APP0 = 0xe0
const APP1 = 0xe1
const APP2 = 0xe2
const APP14 = 0xee
const APP15 = 0xef
const COMMENT = 0xfe
const START_OF_SCAN = 0xda
const END = 0xd9

/** Takes all metadata out but what the picture needs to look the same: JFIF, the colour profile, Adobe's colour transform,
 * and which way up it is. What stands behind the picture (a film, a second picture) goes too.
 * @throws Error saying what is wrong */
export function cleanJpeg(bytes: Uint8Array): CleanJpeg {
  const kept: Uint8Array[] = [bytes.subarray(0, 2)]
  const removed = new Set<string>()
  const profile: Uint8Array[] = []
  let size: ReturnType<typeof sizeOf> | null = null
  let upright = 1
  let at = 2
  for (;;) {
    const { marker, start, end } = segmentAt(bytes, at)
    at = end
    if (marker === END) {
      kept.push(bytes.subarray(start, end))
      break
    }
    const content = bytes.subarray(start + 4, end)
    if (isFrame(marker)) size = sizeOf(content)
    if (marker === START_OF_SCAN) {
      at = scanEnd(bytes, end)
      kept.push(bytes.subarray(start, at))
    } else if (!isMetadata(marker, content)) {
      kept.push(bytes.subarray(start, end))
      if (marker === APP2) profile.push(bytes.subarray(start, end))
    } else {
      for (const what of describe(marker, content)) removed.add(what)
      const orientation = marker === APP1 ? orientationOf(content) : null
      if (orientation !== null) {
        kept.push(orientationSegment(orientation))
        upright = orientation
      }
    }
  }
  if (at < bytes.length) removed.add(`${bytes.length - at} bytes behind the picture`)
  if (size === null) throw new Error('The file has no picture header')
  const { width, height, components } = size
  return {
    width,
    height,
    orientation: upright,
    profile: components === 3 ? profile : [],
    bytes: joined(kept),
    removed: [...removed],
  }
}

function segmentAt(
  bytes: Uint8Array,
  from: number,
): { readonly marker: number; readonly start: number; readonly end: number } {
  let start = from
  if (bytes[start] !== 0xff) throw new Error('The file is damaged, or ends in the middle of the picture')
  // Any number of fill bytes may stand before a marker.
  while (bytes[start + 1] === 0xff) start += 1
  const marker = bytes[start + 1]
  if (marker === undefined) throw new Error('The file ends in the middle of the picture')
  if (marker === END || (marker >= 0xd0 && marker <= 0xd7) || marker === 0x01) return { marker, start, end: start + 2 }
  const sizeBytes = ((bytes[start + 2] ?? 0) << 8) | (bytes[start + 3] ?? 0)
  const end = start + 2 + sizeBytes
  if (sizeBytes < 2 || end > bytes.length) throw new Error('The file is damaged, or ends in the middle of the picture')
  return { marker, start, end }
}

/** Where the data of a scan end: at a marker that is neither a stuffed byte nor a restart. */
function scanEnd(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 1 < bytes.length; at += 1) {
    if (bytes[at] !== 0xff) continue
    const next = bytes[at + 1] ?? 0
    if (next !== 0x00 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at
  }
  throw new Error('The file ends in the middle of the picture')
}

const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

function sizeOf(content: Uint8Array) {
  if (content.length < 6) throw new Error('The picture header is damaged')
  return {
    height: ((content[1] ?? 0) << 8) | (content[2] ?? 0),
    width: ((content[3] ?? 0) << 8) | (content[4] ?? 0),
    components: content[5] ?? 0,
  }
}

function isMetadata(marker: number, content: Uint8Array): boolean {
  if (marker === COMMENT) return true
  if (marker < APP0 || marker > APP15) return false
  if (marker === APP0) return !begins(content, 'JFIF')
  if (marker === APP2) return !begins(content, 'ICC_PROFILE')
  return marker !== APP14
}

const begins = (content: Uint8Array, text: string): boolean =>
  new TextEncoder().encode(text).every((byte, at) => content[at] === byte)

function describe(marker: number, content: Uint8Array): string[] {
  if (marker === COMMENT) return ['comment']
  if (marker === APP1 && begins(content, 'Exif')) return exifWords(content)
  if (marker === APP1) return ['XMP data']
  if (marker === 0xed) return ['IPTC and Photoshop data']
  return marker === APP2 || marker === APP0 ? ['preview pictures'] : ["the camera maker's own data"]
}

type Tag = { readonly tag: number; readonly type: number; readonly count: number; readonly at: number }

/** The tags of the first directory of EXIF data, and of the one that it names for the photo itself. Offsets are a
 * stranger's: nothing outside is read, and nothing is followed twice. */
function exifTags(content: Uint8Array): {
  readonly view: DataView
  readonly little: boolean
  readonly tags: readonly Tag[]
} {
  const view = new DataView(content.buffer, content.byteOffset + 6, Math.max(0, content.byteLength - 6))
  const little = view.byteLength > 8 && view.getUint16(0) === 0x4949
  const read = (at: number): Tag[] => {
    if (at + 2 > view.byteLength) return []
    const count = Math.min(view.getUint16(at, little), Math.floor((view.byteLength - at - 2) / 12))
    return Array.from({ length: count }, (_, n) => {
      const entry = at + 2 + n * 12
      return {
        tag: view.getUint16(entry, little),
        type: view.getUint16(entry + 2, little),
        count: view.getUint32(entry + 4, little),
        at: entry + 8,
      }
    })
  }
  if (view.byteLength < 8) return { view, little, tags: [] }
  const first = read(view.getUint32(4, little))
  const photo = first.find((tag) => tag.tag === 0x8769)
  return { view, little, tags: photo === undefined ? first : [...first, ...read(view.getUint32(photo.at, little))] }
}

function exifWords(content: Uint8Array): string[] {
  const { view, little, tags } = exifTags(content)
  const text = (wanted: number): string | null => {
    const tag = tags.find((each) => each.tag === wanted && each.type === 2)
    if (tag === undefined) return null
    const start = tag.count <= 4 ? tag.at : view.getUint32(tag.at, little)
    if (start + tag.count > view.byteLength) return null
    const bytes = new Uint8Array(view.buffer, view.byteOffset + start, Math.min(tag.count, 100))
    return new TextDecoder('latin1')
      .decode(bytes)
      .replace(/[^\x20-\x7e].*$/s, '')
      .trim()
  }
  const camera = [text(0x010f), text(0x0110)].filter((part) => part !== null && part !== '').join(' ')
  const takenAt = text(0x9003) ?? text(0x0132)
  return [
    ...(tags.some((tag) => tag.tag === 0x8825) ? ['place where it was taken (GPS)'] : []),
    ...(camera === '' ? [] : [`camera: ${camera}`]),
    ...(takenAt === null || takenAt === '' ? [] : [`time: ${takenAt}`]),
    'EXIF data',
  ]
}

/** Null where it stands upright, or nothing is said. */
function orientationOf(content: Uint8Array): number | null {
  if (!begins(content, 'Exif')) return null
  const { view, little, tags } = exifTags(content)
  const tag = tags.find((each) => each.tag === 0x0112 && each.type === 3)
  const turned = tag === undefined ? 1 : view.getUint16(tag.at, little)
  return turned >= 2 && turned <= 8 ? turned : null
}

/** EXIF data that say which way up the picture is and nothing else. */
const orientationSegment = (orientation: number): Uint8Array => {
  const [head, tiff, tag] = [
    [0xff, APP1, 0x00, 0x22, 0x45, 0x78, 0x69, 0x66, 0x00, 0x00],
    [0x4d, 0x4d, 0x00, 0x2a, 0x00, 0x00, 0x00, 0x08, 0x00, 0x01],
    [0x01, 0x12, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01, 0x00, orientation, 0x00, 0x00],
  ]
  return Uint8Array.from([head, tiff, tag, [0x00, 0x00, 0x00, 0x00]].flatMap((part) => part ?? []))
}
