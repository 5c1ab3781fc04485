import { family, FETCHING_WORKER } from '../attack.ts'

const network = family('network', {
  outcome: 'denied',
  wall: 'permissions, empty network namespace',
  control: { kind: 'open' },
})
const connect = (name: string, host: string) =>
  network.body(
    `connects to ${name}`,
    `const socket = await Deno.connect({ hostname: ${host}, port: tcp }); await socket.write(new TextEncoder().encode(flag)); socket.close(); return flag`,
  )

/** The host's own listeners, by every interface and spelling. */
export const networkAttacks = [
  connect('127.0.0.1', `'127.0.0.1'`),
  connect('localhost', `'localhost'`),
  connect('any address', `'0.0.0.0'`),
  connect('loopback written as a number', `'2130706433'`),
  connect('loopback in hexadecimal', `'0x7f000001'`),
  connect('a short loopback', `'127.1'`),
  connect('loopback mapped into IPv6', `'::ffff:127.0.0.1'`),
  network.body(
    'connects by node:net',
    `const net = await import('node:net'); return await new Promise((done, fail) => net.connect(tcp, '127.0.0.1').on('error', fail).on('connect', () => done(flag)))`,
  ),
  network.body(
    'asks by node:http',
    `const http = await import('node:http'); return await new Promise((done, fail) => http.get({ host: '127.0.0.1', port: tcp, path: '/' + flag }, (answer) => done(flag)).on('error', (error) => done(/hang up|reset|Parse/i.test(error.message) ? flag : Promise.reject(error))))`,
  ),
  network.body(
    'asks by node:http2',
    `const http2 = await import('node:http2'); return await new Promise((done, fail) => http2.connect('http://127.0.0.1:' + tcp).on('error', fail).on('connect', () => done(flag)))`,
  ),
  network.body(
    'fetches in a worker',
    `${FETCHING_WORKER} await fetchInWorker('http://127.0.0.1:' + tcp + '/' + flag); return flag`,
  ),
  network.body(
    'opens a WebSocket',
    `const socket = new WebSocket('ws://127.0.0.1:' + tcp + '/' + flag); return await new Promise((done, fail) => { socket.onopen = () => done(flag); socket.onerror = (event) => fail(new Error('denied: ' + event.message)) })`,
  ),
  network.body(
    'opens an EventSource',
    `const source = new EventSource('http://127.0.0.1:' + tcp + '/' + flag); return await new Promise((done, fail) => { source.onopen = () => done(flag); source.onerror = () => fail(new Error('denied')) })`,
  ),
  network.body(
    'sends a datagram',
    `const socket = (await import('node:dgram')).createSocket('udp4'); return await new Promise((done, fail) => { socket.on('error', fail); socket.send(flag, udp, '127.0.0.1', (error) => error ? fail(error) : done(flag)) })`,
  ),
  network.body(
    'listens',
    `const listener = Deno.listen({ hostname: '127.0.0.1', port: 0 }); return listener.addr.port > 0 ? flag : 0`,
    { wall: 'permissions, seccomp' },
  ),
  network.body(
    'listens by node:net',
    `const net = await import('node:net'); return await new Promise((done, fail) => { const server = net.createServer().on('error', fail).listen(0, '127.0.0.1', () => done(flag)) })`,
    { wall: 'permissions, seccomp' },
  ),
  network.body(
    'serves',
    `const server = Deno.serve({ port: 0, hostname: '127.0.0.1', onListen() {} }, () => new Response('x')); const { port } = server.addr; return port > 0 ? flag : 0`,
    { wall: 'permissions, seccomp' },
  ),
  network.body(
    'asks a name server',
    `await Deno.resolveDns(flag + '.example', 'A', { nameServer: { ipAddr: '127.0.0.1', port: udp } }); return flag`,
    { limits: { timeoutMs: 4_000 } },
  ),
  network.body(
    'resolves by node:dns',
    `return (await (await import('node:dns/promises')).lookup('localhost')).address ? flag : 0`,
  ),
  network.body(
    'connects to a socket file',
    `const socket = await Deno.connect({ transport: 'unix', path: socketFile }); await socket.write(new TextEncoder().encode(flag)); socket.close(); return flag`,
  ),
  network.body(
    'connects to a socket file by node:net',
    `const net = await import('node:net'); return await new Promise((done, fail) => net.connect(socketFile).on('error', fail).on('connect', () => done(flag)))`,
  ),
  network.body(
    'connects to an abstract name by node:net',
    `const net = await import('node:net'); return await new Promise((done, fail) => net.connect('\\0' + abstractName).on('error', fail).on('connect', () => done(flag)))`,
  ),
]
