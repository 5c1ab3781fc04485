/** Framing of the PostgreSQL protocol, version 3, as far as a proxy must know it to tell messages apart.
 * Source: PostgreSQL documentation, "Frontend/Backend Protocol", Message Formats. */

export type Side = 'frontend' | 'backend'

/** One whole message, with the bytes to forward. `type` is the protocol's name for it. */
export type Frame = { readonly type: string; readonly bytes: Buffer; readonly body: Buffer }

const FRONTEND: Readonly<Record<string, string>> = {
  B: 'Bind', C: 'Close', D: 'Describe', E: 'Execute', F: 'FunctionCall', H: 'Flush', P: 'Parse', Q: 'Query',
  S: 'Sync', X: 'Terminate', c: 'CopyDone', d: 'CopyData', f: 'CopyFail', p: 'PasswordMessage',
} // prettier-ignore

const BACKEND: Readonly<Record<string, string>> = {
  '1': 'ParseComplete', '2': 'BindComplete', '3': 'CloseComplete', A: 'NotificationResponse', C: 'CommandComplete',
  D: 'DataRow', E: 'ErrorResponse', G: 'CopyInResponse', H: 'CopyOutResponse', I: 'EmptyQueryResponse',
  K: 'BackendKeyData', N: 'NoticeResponse', R: 'Authentication', S: 'ParameterStatus', T: 'RowDescription',
  V: 'FunctionCallResponse', W: 'CopyBothResponse', Z: 'ReadyForQuery', c: 'CopyDone', d: 'CopyData', n: 'NoData',
  s: 'PortalSuspended', t: 'ParameterDescription', v: 'NegotiateProtocolVersion',
} // prettier-ignore

/** First messages of a connection have no type byte; their code says what they are. */
const OPENING: Readonly<Record<number, string>> = {
  80_877_102: 'CancelRequest',
  80_877_103: 'SSLRequest',
  80_877_104: 'GSSENCRequest',
}

export type FrameReader = {
  /** Takes what arrived and gives the messages that are now whole, in order.
   * @throws Error on bytes that are not this protocol */
  push(chunk: Buffer): Frame[]
}

/** Cuts a stream of one direction into messages. A frontend's first messages have a shape of their own, until its
 * StartupMessage. */
export function createFrameReader(side: Side): FrameReader {
  let pending: Buffer = Buffer.alloc(0)
  let isOpening = side === 'frontend'

  function next(): Frame | undefined {
    const lengthAt = isOpening ? 0 : 1
    if (pending.length < lengthAt + 4) return undefined
    const length = pending.readInt32BE(lengthAt)
    if (length < 4 || length > 0x3fff_ffff) throw new Error(`a ${side} message of ${length} bytes`)
    const end = lengthAt + length
    if (pending.length < end) return undefined
    const bytes = pending.subarray(0, end)
    pending = pending.subarray(end)
    const body = bytes.subarray(lengthAt + 4)
    if (!isOpening) {
      const letter = String.fromCharCode(bytes.readUInt8(0))
      const type = (side === 'frontend' ? FRONTEND : BACKEND)[letter]
      if (type === undefined) throw new Error(`a ${side} message of unknown type ${JSON.stringify(letter)}`)
      return { type, bytes, body }
    }
    const type = OPENING[body.readInt32BE(0)] ?? 'StartupMessage'
    if (type === 'StartupMessage') isOpening = false
    return { type, bytes, body }
  }

  return {
    push(chunk) {
      pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
      const frames: Frame[] = []
      for (let frame = next(); frame !== undefined; frame = next()) frames.push(frame)
      return frames
    },
  }
}

/** The zero-ended strings at the start of a body. */
export function readStrings(body: Buffer, count: number): string[] {
  const strings: string[] = []
  for (let at = 0; strings.length < count;) {
    const end = body.indexOf(0, at)
    if (end < 0) break
    strings.push(body.toString('utf8', at, end))
    at = end + 1
  }
  return strings
}

/** Startup parameters (`user`, `database`, `application_name`, …) of a StartupMessage. */
export function readStartup(body: Buffer): Readonly<Record<string, string>> {
  const strings = readStrings(body.subarray(4), Number.POSITIVE_INFINITY)
  const parameters: Record<string, string> = {}
  for (let index = 0; index + 1 < strings.length; index += 2) {
    const [name, value] = [strings[index], strings[index + 1]]
    if (name) parameters[name] = value ?? ''
  }
  return parameters
}
