import { createServer, type Server } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { encodeRequest, openHttpConnection, parseAnswer } from './http-connection.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections()
})

async function listening(server: Server): Promise<URL> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return new URL(`http://127.0.0.1:${address.port}/echo?x=1`)
}

describe('the load generator speaks enough HTTP/1.1', () => {
  test('many requests on one connection get their own answers, with a length or in chunks', async () => {
    const ports = new Set<number | undefined>()
    const url = await listening(
      createServer((request, response) => {
        ports.add(request.socket.remotePort)
        request.setEncoding('utf8')
        let body = ''
        request.on('data', (chunk: string) => (body += chunk))
        request.on('end', () => {
          response.statusCode = body === 'third' ? 404 : 200
          if (body === 'second') {
            response.write('in ')
            response.end('chunks')
          } else response.end(`${request.url} ${String(request.headers['x-name'])} ${body}`)
        })
      }),
    )
    const connection = await openHttpConnection(url.hostname, Number(url.port))
    const answers: string[] = []
    for (const body of ['first', 'second', 'third']) {
      const answer = await connection.exchange(encodeRequest('POST', url, { 'x-name': 'n' }, body))
      answers.push(`${answer.status} ${answer.body.toString()}`)
    }
    connection.close()
    expect(answers).toEqual(['200 /echo?x=1 n first', '200 in chunks', '404 /echo?x=1 n third'])
    expect(ports.size).toBe(1)
  })

  test('a connection that ends before the answer is a failure, not a wait', async () => {
    const url = await listening(createServer((request) => request.socket.destroy()))
    const connection = await openHttpConnection(url.hostname, Number(url.port))
    await expect(connection.exchange(encodeRequest('GET', url, {}))).rejects.toThrow(/closed|reset|hang up/i)
  })

  test('an answer is read only when it is whole, wherever the network cut it', () => {
    for (const whole of [
      'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n',
    ]) {
      const bytes = Buffer.from(whole)
      for (let cut = 0; cut < bytes.length; cut += 1) expect(parseAnswer(bytes.subarray(0, cut))).toBeUndefined()
      const parsed = parseAnswer(Buffer.concat([bytes, Buffer.from('HTTP')]))
      expect(parsed?.answer.body.toString()).toBe('hello')
      expect(parsed?.bytes).toBe(bytes.length)
    }
  })
})
