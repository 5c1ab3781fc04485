import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

export type Received = { readonly from: string; readonly to: readonly string[]; readonly data: string }

export type SmtpServer = {
  readonly url: string
  readonly received: readonly Received[]
  /** What it says to the next recipients, such as `450 later`; null takes them. */
  answerRecipients(reply: string | null): void
  stop(): Promise<void>
}

/** A mail server that speaks enough of RFC 5321 to take a mail, or to refuse one. */
export async function anSmtpServer(): Promise<SmtpServer> {
  const received: Received[] = []
  const sockets = new Set<Socket>()
  let refusal: string | null = null
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {}) // the client went away
    let from = ''
    let to: string[] = []
    let data: string | null = null
    let pending = ''
    const say = (line: string): void => void socket.write(`${line}\r\n`)
    const hear = (line: string): void => {
      if (data !== null) {
        if (line !== '.') {
          data += `${line}\r\n`
          return
        }
        received.push({ from, to, data })
        data = null
        say('250 taken')
        return
      }
      const verb = line.slice(0, 4).toUpperCase()
      if (verb === 'EHLO' || verb === 'HELO') say('250 here')
      else if (verb === 'MAIL') {
        from = line
        to = []
        say('250 ok')
      } else if (verb === 'RCPT') {
        if (refusal === null) to.push(line.replace(/^RCPT TO:/i, ''))
        say(refusal ?? '250 ok')
      } else if (verb === 'DATA') {
        data = ''
        say('354 go on')
      } else if (verb === 'QUIT') {
        say('221 bye')
        socket.end()
      } else say('250 ok')
    }
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (pending + chunk).split('\r\n')
      pending = lines.pop() ?? ''
      for (const line of lines) hear(line)
    })
    say('220 test')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the mail server listens nowhere')
  return {
    url: `smtp://127.0.0.1:${address.port}`,
    received,
    answerRecipients: (reply) => void (refusal = reply),
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
