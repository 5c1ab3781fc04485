import { createSocket } from 'node:dgram'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { onTestFinished } from 'vitest'

type Handle = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** A web server on 127.0.0.1 that answers as `handle` says. */
export async function startWebServer(handle: Handle): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    void Promise.resolve(handle(request, response)).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return {
    port: address.port,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** One that is gone at the end of the test. @returns its port */
export async function aWebServer(handle: Handle): Promise<number> {
  const { port, close } = await startWebServer(handle)
  onTestFinished(close)
  return port
}

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks).toString('utf8')
}

/** A name server that answers questions for A with what `answer` gives, asked anew each time, and every other question
 * with nothing. @returns `127.0.0.1:port`, and how often it was asked */
export async function aNameServer(
  answer: (name: string, asked: number) => readonly string[],
): Promise<{ readonly address: string; readonly asked: () => number }> {
  const socket = createSocket('udp4')
  let asked = 0
  socket.on('message', (message, from) => {
    const { name, type, end } = questionOf(message)
    const addresses = type === 1 ? answer(name, ++asked) : []
    const header = Buffer.alloc(12)
    message.copy(header, 0, 0, 2)
    header.writeUInt16BE(0x8180, 2)
    header.writeUInt16BE(1, 4)
    header.writeUInt16BE(addresses.length, 6)
    const records = addresses.map((address) => {
      const record = Buffer.alloc(16)
      record.writeUInt16BE(0xc00c, 0)
      record.writeUInt16BE(1, 2)
      record.writeUInt16BE(1, 4)
      record.writeUInt16BE(4, 10)
      address.split('.').forEach((part, at) => record.writeUInt8(Number(part), 12 + at))
      return record
    })
    socket.send(Buffer.concat([header, message.subarray(12, end), ...records]), from.port, from.address)
  })
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => socket.close(resolve)))
  return { address: `127.0.0.1:${socket.address().port}`, asked: () => asked }
}

function questionOf(message: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = message.readUInt8(at); length > 0; length = message.readUInt8(at)) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.'), type: message.readUInt16BE(at + 1), end: at + 5 }
}
