import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'

const RAW = 0
const ZSTD = 1

/** Below this a frame's own bytes and the call eat what compression saves. */
const COMPRESS_ABOVE_BYTES = 1_024
/** Nothing that we store comes near; a damaged row must not become an allocation of gigabytes. */
const MAX_DECODED_BYTES = 256 * 1_024 * 1_024

/** Bytes as a `bytea` column keeps them: one header byte (0 raw, 1 zstd), then the content, compressed where that is
 * smaller. Guests' inputs, outputs and logs are stored so and never as jsonb, which refuses `\u0000` and lone
 * surrogates, and with one such value a whole batch. */
export function encodeBlob(bytes: Uint8Array): Buffer {
  if (bytes.byteLength > COMPRESS_ABOVE_BYTES) {
    // Level 1: on JSON half the time of level 3 for a few per cent more bytes, and this runs on the event loop.
    const packed = zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
    if (packed.byteLength < bytes.byteLength) return Buffer.concat([Buffer.of(ZSTD), packed])
  }
  return Buffer.concat([Buffer.of(RAW), bytes])
}

/** What {@link encodeBlob} was given.
 * @throws RangeError if the header is unknown or the content decodes to more than 256 MiB */
export function decodeBlob(blob: Uint8Array): Buffer {
  const content = Buffer.from(blob.buffer, blob.byteOffset + 1, Math.max(blob.byteLength - 1, 0))
  switch (blob[0]) {
    case RAW:
      return content
    case ZSTD:
      return zstdDecompressSync(content, { maxOutputLength: MAX_DECODED_BYTES })
    default:
      throw new RangeError(`blob with unknown header ${blob[0]}`)
  }
}
