import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FrameReader, MAX_HEADER_BYTES, type FrameFault, type GuestFrame } from './frames.ts'

function aReader(payloadLimit = 1_000) {
  const frames: { frame: GuestFrame; payload: string | null }[] = []
  const faults: FrameFault[] = []
  const reader = new FrameReader({
    frame: (frame, payload) => frames.push({ frame, payload: payload?.toString() ?? null }),
    fault: (fault) => faults.push(fault),
  })
  reader.payloadLimit = payloadLimit
  return { reader, frames, faults }
}

test('frames arrive whole however the stream is cut, payloads with newlines included', () => {
  const stream = Buffer.from(
    '{"t":"ready"}\n{"t":"result","bytes":9}\n{"a":\n\n1}{"t":"log_cut"}\n{"t":"result","bytes":0}\n',
  )
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 })), (cuts) => {
      const { reader, frames, faults } = aReader()
      let at = 0
      for (const size of cuts) {
        if (at >= stream.length) break
        reader.feed(stream.subarray(at, at + size))
        at += size
      }
      if (at < stream.length) reader.feed(stream.subarray(at))
      expect(faults).toEqual([])
      expect(frames.map(({ frame, payload }) => [frame.t, payload])).toEqual([
        ['ready', null],
        ['result', '{"a":\n\n1}'],
        ['log_cut', null],
        ['result', ''],
      ])
    }),
  )
})

test('one newline may stand behind a payload, also in a piece of its own; a second is no frame', () => {
  const { reader, frames, faults } = aReader()
  reader.feed(Buffer.from('{"t":"result","bytes":1}\n1'))
  reader.feed(Buffer.from('\n'))
  reader.feed(Buffer.from('{"t":"result","bytes":0}\n\n{"t":"emit","bytes":1}\n2\n{"t":"log_cut"}\n'))
  expect(frames.map(({ frame, payload }) => [frame.t, payload])).toEqual([
    ['result', '1'],
    ['result', ''],
    ['emit', '2'],
    ['log_cut', null],
  ])
  reader.feed(Buffer.from('\n'))
  expect(faults.map((fault) => fault.code)).toEqual(['violation'])
})

test('two newlines behind a payload are one too many', () => {
  const { reader, faults } = aReader()
  reader.feed(Buffer.from('{"t":"result","bytes":1}\n1\n\n'))
  expect(faults.map((fault) => fault.code)).toEqual(['violation'])
})

test('a result is the same frame however its header is written', () => {
  fc.assert(
    fc.property(fc.oneof(fc.nat(50), fc.integer({ min: -5, max: 2 ** 53 }), fc.double()), (bytes) => {
      const [plain, spaced] = [`{"t":"result","bytes":${bytes}}`, `{"t":"result", "bytes":${bytes}}`].map((header) => {
        const { reader, frames, faults } = aReader(50)
        reader.feed(Buffer.from(`${header}\n${'x'.repeat(60)}`))
        return { frames: frames.slice(0, 1), fault: faults[0]?.code }
      })
      expect(plain).toEqual(spaced)
    }),
  )
})

test.each([
  ['text that is no frame', 'hello\n'],
  ['an unknown type', '{"t":"grant"}\n'],
  ['an unknown field', '{"t":"ready","admin":true}\n'],
  ['a fraction beyond 1', '{"t":"progress","fraction":2,"message":""}\n'],
  ['a charge of nothing', '{"t":"charge","event":"row","n":0}\n'],
  ['a charge of less than nothing', '{"t":"charge","event":"row","n":-1}\n'],
  ['a failure only the host may find', '{"t":"failed","code":"SANDBOX_FAILED","message":""}\n'],
  [
    'log fields nested too deep',
    `{"t":"log","level":"info","message":"","fields":${'{"a":'.repeat(12)}1${'}'.repeat(12)}}\n`,
  ],
  ['a header without an end', 'x'.repeat(MAX_HEADER_BYTES + 1)],
  ['a long header', `{"t":"log","level":"info","message":"${'x'.repeat(MAX_HEADER_BYTES)}"}\n`],
])('%s is a violation, and nothing after it is read', (_name, text) => {
  const { reader, frames, faults } = aReader()
  reader.feed(Buffer.from(text))
  reader.feed(Buffer.from('{"t":"ready"}\n'))
  expect(faults.map((fault) => fault.code)).toEqual(['violation'])
  expect(frames).toEqual([])
})

test('a payload above the limit is refused by its announcement, before a byte of it is kept', () => {
  const { reader, frames, faults } = aReader(10)
  reader.feed(Buffer.from('{"t":"result","bytes":11}\n'))
  expect(faults.map((fault) => fault.code)).toEqual(['too_large'])
  expect(frames).toEqual([])
})
