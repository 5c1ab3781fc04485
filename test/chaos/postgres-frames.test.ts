import { expect, test } from 'vitest'
import { createFrameReader, readStartup } from './postgres-frames.ts'

function typed(letter: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.write(letter, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

function opening(code: number, text = ''): Buffer {
  const bytes = Buffer.alloc(8 + text.length)
  bytes.writeInt32BE(bytes.length, 0)
  bytes.writeInt32BE(code, 4)
  bytes.write(text, 8, 'latin1')
  return bytes
}

const STREAM = Buffer.concat([
  opening(80_877_103),
  opening(196_608, 'user\0me\0application_name\0bureau\0\0'),
  typed('P', Buffer.from('a.b\0select 1\0\0\0')),
  typed('S', Buffer.alloc(0)),
  typed('X', Buffer.alloc(0)),
])

test('messages are found wherever the network cuts the stream, and their bytes are all there', () => {
  for (let cut = 0; cut <= STREAM.length; cut += 1) {
    const reader = createFrameReader('frontend')
    const frames = [...reader.push(STREAM.subarray(0, cut)), ...reader.push(STREAM.subarray(cut))]
    expect(frames.map((frame) => frame.type)).toEqual(['SSLRequest', 'StartupMessage', 'Parse', 'Sync', 'Terminate'])
    expect(Buffer.concat(frames.map((frame) => frame.bytes)).equals(STREAM)).toBe(true)
  }
})

test('a connection is known by its startup parameters', () => {
  const [, startup] = createFrameReader('frontend').push(STREAM)
  expect(startup && readStartup(startup.body)).toEqual({ user: 'me', application_name: 'bureau' })
})

test('bytes that are not the protocol are refused, not passed on uncounted', () => {
  expect(() => createFrameReader('backend').push(Buffer.from('HTTP/1.1 200 OK\r\n'))).toThrow(/message of/)
})
