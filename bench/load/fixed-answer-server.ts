/** Answers every request with the same bytes and does nothing else: what the load generator reaches against it is the
 * generator's own ceiling. Prints its port as the first line. */
import { createServer } from 'node:net'

const BODY = '{"runId":"00000000-0000-7000-8000-000000000000","status":"succeeded","output":{"text":"hello"}}'
const ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
)

const server = createServer({ noDelay: true }, (socket) => {
  // One request is one segment here: the generator writes it whole, and the next only after the answer.
  socket.on('data', () => socket.write(ANSWER))
  socket.on('error', () => socket.destroy())
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`)
})
process.stdin.resume()
process.stdin.on('end', () => process.exit(0))
