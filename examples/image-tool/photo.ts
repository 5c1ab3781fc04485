import { decode, encode } from 'jpeg-js'
import { cleanJpeg } from './jpeg.ts'
import { MOST_PIXELS, type Pixels } from './pixels.ts'
import { joined } from './png.ts'

/** A photo in memory, as it is stored, with what has to be known to show it right. */
export type Photo = {
  readonly pixels: Pixels
  readonly orientation: number
  readonly profile: readonly Uint8Array[]
  /** What its file told besides. */
  readonly removed: readonly string[]
}

/** By the decoder's own count, which is half of what it takes: 12 million pixels of a telephone, of which colours are
 * stored at half the size, need 170; 16 million with all of their colours need 335, and do not fit. */
const MOST_MEGABYTES = 260
/** As good as the eye can tell, at a third of the bytes of the best. */
const QUALITY = 90

/** Reads a JPEG, baseline or progressive, in colour, gray or CMYK. @throws Error saying what is wrong */
export function readPhoto(bytes: Uint8Array): Photo {
  const { width, height, orientation, profile, removed, bytes: clean } = cleanJpeg(bytes)
  if (width * height > MOST_PIXELS)
    throw new Error(`The picture has more than ${MOST_PIXELS / 1e6} million pixels, which are only cleaned here`)
  try {
    const { data } = decode(clean, {
      useTArray: true,
      maxResolutionInMP: MOST_PIXELS / 1e6,
      maxMemoryUsageInMB: MOST_MEGABYTES,
    })
    return { pixels: { width, height, rgba: data }, orientation, profile, removed }
  } catch (cause) {
    if (cause instanceof Error && cause.message.includes('maxMemoryUsageInMB'))
      throw new Error('The picture has too many pixels and colours to be resized, and is only cleaned here', { cause })
    throw new Error('The file is damaged, or a kind of JPEG that is not read here', { cause })
  }
}

/** Writes a JPEG with nothing in it but the picture and how its colours are meant. */
export function writePhoto({ width, height, rgba }: Pixels, profile: readonly Uint8Array[]): Uint8Array {
  const { data } = encode({ width, height, data: rgba }, QUALITY)
  // Behind the first segment, which says that this is a JPEG file.
  const head = 4 + (((data[4] ?? 0) << 8) | (data[5] ?? 0))
  return joined([data.subarray(0, head), ...profile, data.subarray(head)])
}
