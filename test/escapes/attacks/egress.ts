import { family, type RunAttack } from '../attack.ts'

const PUBLIC_ONLY = 'public addresses only'
const egress = family('egress', {
  outcome: 'denied',
  code: 'EGRESS_DENIED',
  wall: PUBLIC_ONLY,
  control: { kind: 'reach', reach: { privateHosts: ['*', '*:{tcp}', '*:{web}'] } },
  reach: { hosts: ['*', '*:{tcp}', '*:{web}'] },
})

/** Whatever is not refused was tried: a connection that the network turned down is an escape like one that was made. */
const dial = (url: string): string => `
try { await ctx.fetch(\`${url}\`); return flag } catch (error) {
  if (/connection|cannot be reached|did not accept|request failed/.test(error.message) && error.code !== 'EGRESS_DENIED') return flag + ' was tried';
  throw error
}`

/** The listener on the host's loopback, by every spelling. The control is an operator who allows it. */
const loopback = (name: string, host: string, details: Partial<RunAttack> = {}) =>
  egress.body(`fetches ${name}`, dial(`http://${host}:\${tcp}/\${flag}`), details)

/** An address that is not this machine's. The control is where a host would connect that believes the manifest. */
const private_ = (name: string, host: string, address: string = host.replace(/^\[|\]$/g, '')) =>
  egress.body(`fetches ${name}`, dial(`http://${host}/\${flag}`), {
    control: { kind: 'dialed', url: `http://${host}/`, address },
  })

const UNDECLARED = {
  wall: 'hosts of the manifest',
  reach: { hosts: ['loopback.test', '*.allowed.test', '127.0.0.1:{web}'], privateHosts: ['*', '*:{tcp}', '*:{web}'] },
  control: { kind: 'reach', reach: { hosts: ['*', '*:{tcp}', '*:{web}'] } },
} as const
const undeclared = (name: string, url: string) => egress.body(`fetches ${name}`, dial(url), UNDECLARED)

/** The operator allows the web server, which leads on to the listener. */
const viaWeb = {
  wall: 'every redirect judged anew',
  reach: { hosts: ['*:{web}', '*:{tcp}'], privateHosts: ['127.0.0.1:{web}'] },
} as const
const redirected = (status: number, at: string, init = '{}') =>
  egress.body(
    `is led to the host by a ${status}${at.startsWith('//') ? ' without a scheme' : ''}`,
    `return (await ctx.fetch('http://127.0.0.1:' + web + '/to?status=${status}&at=' + encodeURIComponent(\`${at}\`), ${init})).ok ? flag : 0`,
    viaWeb,
  )

const SAY = `const say = (text) => { let rest = new TextEncoder().encode(text); while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest)) };
const ask = (more, id = 900) => ({ t: 'fetch', id, url: 'http://127.0.0.1:' + web + '/hear', method: 'GET', headers: [], redirect: 'follow', body: false, ...more });
const tell = (...frames) => say(frames.map((frame) => JSON.stringify(frame) + '\\n').join(''));
const rest = (ms) => new Promise((done) => setTimeout(done, ms));`
const toWeb = { hosts: ['127.0.0.1:{web}'], privateHosts: ['127.0.0.1:{web}'] } as const
const CONTAINED = { outcome: 'ok-contained', code: undefined } as const
const VIOLATION = { outcome: 'error', code: 'AGENT_PROTOCOL_VIOLATION' } as const
const FAILED = { outcome: 'error', code: 'AGENT_THREW' } as const

/** A request written by hand. The control is a host that sends what it reads. */
const forged = (name: string, body: string, believes: string | RegExp, details: Partial<RunAttack> = {}) =>
  egress.body(`forges ${name}`, `${SAY} ${body}; await rest(150); return 1`, {
    ...VIOLATION,
    wall: 'frames bound to the run',
    reach: toWeb,
    control: { kind: 'naive-host', believes },
    ...details,
  })
const smuggled = (name: string, frame: string, believes: string | RegExp) =>
  forged(name, `tell(ask(${frame}))`, believes, { ...CONTAINED, wall: 'the host writes the request' })

/** Answers that never end, or unfold. The control is a host with wide bounds. */
const bounded = (
  name: string,
  body: string,
  limits: NonNullable<NonNullable<RunAttack['reach']>['limits']>,
  wall = 'bounds of an answer',
  code = 'AGENT_THREW',
) =>
  egress.body(name, body, {
    outcome: 'error',
    code,
    wall,
    reach: toWeb,
    limits: { timeoutMs: 20_000, cpuMs: 15_000 },
    control: { kind: 'reach', reach: { limits } },
  })
const WIDE = { maxResponseBytes: 100_000_000, maxRunBytes: 100_000_000, idleMs: 15_000, totalMs: 15_000 }
const readMuch = (path: string): string =>
  `let much = 0; for await (const piece of (await ctx.fetch('http://127.0.0.1:' + web + '${path}')).body) if ((much += piece.length) > 4_000_000) return flag; return much`
const bomb = (name: string, how: string) => bounded(`unfolds ${name}`, readMuch(`/bomb?as=${how}`), WIDE)

export const egressAttacks = [
  loopback('127.0.0.1', '127.0.0.1'),
  loopback('loopback as a number', '2130706433'),
  loopback('loopback in hexadecimal', '0x7f000001'),
  loopback('loopback in octal', '017700000001'),
  loopback('loopback of mixed parts', '0x7f.0.0.01'),
  loopback('a short loopback', '127.1'),
  loopback('any address', '0.0.0.0'),
  loopback('zero', '0'),
  loopback('loopback with a dot at its end', '127.0.0.1.'),
  loopback('loopback in full-width digits', '１２７.0.0.1'),
  loopback('loopback in circled digits', '①②⑦.⓪.⓪.①'),
  loopback('loopback with other full stops', '127。0。0。1'),
  loopback('loopback percent-encoded', '%31%32%37.0.0.1'),
  loopback('loopback mapped into IPv6', '[::ffff:127.0.0.1]'),
  loopback('loopback mapped in hexadecimal', '[::ffff:7f00:1]'),
  loopback('a name that is the host', 'loopback.test'),
  loopback('a name that is the host, with a dot', 'loopback.test.'),
  loopback('a name that is a mapped address', 'mapped.test'),
  loopback('localhost', 'localhost'),
  loopback('localhost in capitals', 'LOCALHOST'),
  private_('a name that is public and the host', 'mixed.test', '127.0.0.1'),
  private_('a name of IPv6 that is the host', 'loopback6.test', '::1'),
  private_('loopback of IPv6', '[::1]', '::1'),
  private_('any address of IPv6', '[::]', '::'),
  private_('another loopback', '127.8.9.10'),
  private_('loopback embedded in IPv6', '[::127.0.0.1]', '::7f00:1'),
  private_('loopback translated', '[64:ff9b::127.0.0.1]', '64:ff9b::7f00:1'),
  private_('loopback through 6to4', '[2002:7f00:1::]', '2002:7f00:1::'),
  private_('an address of Teredo', '[2001:0:7f00:1::]', '2001:0:7f00:1::'),
  private_('a private address', '10.0.0.1'),
  private_('a private address of 172.16/12', '172.31.255.254'),
  private_('a private address of 192.168/16', '192.168.0.1'),
  private_('an address of a carrier', '100.64.0.1'),
  private_('this network', '0.0.0.1'),
  private_('everybody', '255.255.255.255'),
  private_('a group', '224.0.0.1'),
  private_('an address for benchmarks', '198.18.0.1'),
  private_('the metadata service', '169.254.169.254'),
  private_('the metadata service as a number', '2852039166', '169.254.169.254'),
  private_('the metadata service in hexadecimal', '0xA9FEA9FE', '169.254.169.254'),
  private_('the metadata service mapped', '[::ffff:169.254.169.254]', '::ffff:a9fe:a9fe'),
  private_('the metadata service of IPv6', '[fd00:ec2::254]', 'fd00:ec2::254'),
  private_('the metadata service of Alibaba', '100.100.100.200'),
  private_('the metadata service of Oracle', '192.0.0.192'),
  private_('the platform of Azure', '168.63.129.16'),
  private_('a name of the metadata service', 'metadata.test', '169.254.169.254'),
  private_('a link-local address', '[fe80::1]', 'fe80::1'),
  private_('a unique local address', '[fc00::1]', 'fc00::1'),
  private_('a group of IPv6', '[ff02::1]', 'ff02::1'),
  private_('an address of documentation', '[2001:db8::1]', '2001:db8::1'),
  egress.body(
    'fetches a name that becomes the host',
    `await ctx.fetch('http://late.test:' + tcp + '/' + flag).catch(() => 0); ${dial('http://late.test:${tcp}/${flag}')}`,
  ),
  egress.body(
    'fetches a name again and again until it is let through',
    `for (let n = 0; n < 15; n++) { try { await ctx.fetch('http://loopback.test:' + tcp + '/' + flag); return flag } catch (error) { if (n === 14) throw error } }`,
  ),
  undeclared('the host, which nobody declared', 'http://127.0.0.1:${tcp}/${flag}'),
  undeclared('another port of a declared host', 'http://loopback.test:${tcp}/${flag}'),
  undeclared('a backslash before the host', 'http://127.0.0.1:${tcp}\\\\@allowed.test/${flag}'),
  undeclared('a declared host in the query', 'http://127.0.0.1:${tcp}/${flag}?.allowed.test'),
  undeclared('a declared host in the fragment', 'http://127.0.0.1:${tcp}/${flag}#allowed.test'),
  egress.body(
    'is told of a redirect and follows it itself',
    `const { headers } = await ctx.fetch('http://127.0.0.1:' + web + '/to?at=' + encodeURIComponent('http://127.0.0.1:' + tcp + '/'), { redirect: 'manual' }); await ctx.fetch(headers.get('location') + flag); return flag`,
    viaWeb,
  ),
  redirected(301, 'http://127.0.0.1:${tcp}/'),
  redirected(302, 'http://localhost:${tcp}/'),
  redirected(302, '//127.0.0.1:${tcp}/'),
  redirected(303, 'http://[::ffff:127.0.0.1]:${tcp}/', `{ method: 'POST', body: 'a' }`),
  redirected(307, 'http://127.0.0.1:${tcp}/', `{ method: 'POST', body: 'a' }`),
  redirected(308, 'http://2130706433:${tcp}/', `{ method: 'PUT', body: 'a' }`),
  egress.body(
    'is led in a circle',
    `const path = '/to?at='; let at = '/hello'; for (let n = 0; n < 14; n++) at = path + encodeURIComponent(at); await ctx.fetch('http://127.0.0.1:' + web + at); return flag`,
    {
      ...FAILED,
      wall: 'ten redirects',
      reach: toWeb,
      control: { kind: 'naive-host', believes: /\/to\?at=.*"redirect":"follow"/ },
    },
  ),
  forged('a request of another run', `tell({ ...ask({}), run: 'another' })`, '"run":"another"'),
  forged('a request with a secret’s value', `tell({ ...ask({}), secrets: { KEY: 'forged' } })`, '"forged"'),
  forged('a request sent twice', `tell(ask({}), ask({}))`, /"id":900[^]*"id":900/),
  forged('a request whose number is none', `tell(ask({}, -1))`, '"id":-1'),
  forged(
    'a request with 200 headers',
    `tell(ask({ headers: Array.from({ length: 200 }, (_, n) => ['forged-' + n, '']) }))`,
    'forged-199',
  ),
  forged(
    'an address of 20 kB',
    `tell(ask({ url: 'http://127.0.0.1:' + web + '/hear' + 'forged'.repeat(3_500) }))`,
    'forgedforged',
  ),
  forged(
    'a body that nobody asked for',
    `tell(ask({ body: false, url: 'http://127.0.0.1:' + web + '/silent' })); say('{"t":"fetch_data","id":900,"bytes":6}\\nforged')`,
    'forged',
  ),
  forged(
    'a body of 2 MB',
    `tell(ask({ body: true, method: 'POST' })); say('{"t":"fetch_data","id":900,"bytes":2000000}\\n')`,
    '2000000',
  ),
  forged(
    'two pulls at once',
    `tell(ask({ url: 'http://127.0.0.1:' + web + '/drip' })); await rest(300); tell(...[1, 2, 3].map(() => ({ t: 'fetch_pull', id: 900 })))`,
    /fetch_pull[^]*fetch_pull/,
  ),
  forged(
    'words about a request that is not there',
    `tell({ t: 'fetch_pull', id: 77 }, { t: 'fetch_stop', id: 77 }, { t: 'fetch_sent', id: 77 })`,
    'fetch_stop',
    CONTAINED,
  ),
  forged(
    'a flood of requests',
    `const silent = (n) => JSON.stringify(ask({ url: 'http://127.0.0.1:' + web + '/silent' }, n)) + '\\n'; for (let n = 0; n < 64; n++) say(silent(n)); let much = ''; for (let n = 0; n < 1_000; n++) much += silent(5_000 + n); for (let n = 0; n < 60; n++) say(much)`,
    '"id":5999',
  ),
  forged(
    'a request after its answer',
    `say('{"t":"result","bytes":1}\\n1'); tell(ask({ url: 'http://127.0.0.1:' + web + '/hear?' + flag }))`,
    '/hear?naive',
    CONTAINED,
  ),
  smuggled(
    'a line in a header',
    `{ headers: [['x-a', 'b\\r\\nx-forged: ' + flag]] }`,
    '\\\\r\\\\nx-forged'.replaceAll('\\\\', '\\'),
  ),
  smuggled(
    'a request in a header',
    `{ headers: [['x-a', 'b\\r\\n\\r\\nGET /hear?' + flag + ' HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n']] }`,
    'GET /hear?',
  ),
  smuggled(
    'a request in a header’s name',
    `{ headers: [['x: a\\r\\n\\r\\nGET /hear?' + flag + ' HTTP/1.1', 'b']] }`,
    'GET /hear?',
  ),
  smuggled('a request in the method', `{ method: 'GET /hear?' + flag.slice(0, 8) }`, /"method":"GET \//),
  smuggled(
    'a line in the address',
    `{ url: 'http://127.0.0.1:' + web + '/a HTTP/1.1\\r\\nx-forged:\\r\\n' }`,
    'x-forged',
  ),
  smuggled('another host’s name', `{ headers: [['host', flag + '.internal']] }`, '.internal'),
  smuggled(
    'a second length',
    `{ method: 'POST', headers: [['content-length', '3'], ['Content-Length', '50'], ['x-a', 'b']], body: false }`,
    '"50"',
  ),
  smuggled(
    'chunks and a length',
    `{ method: 'POST', headers: [['transfer-encoding', 'chunked'], ['content-length', '6']], body: false }`,
    'chunked',
  ),
  smuggled(
    'words for a proxy',
    `{ headers: [['proxy-authorization', flag], ['connection', 'x-a'], ['upgrade', flag], ['te', flag]] }`,
    'proxy-authorization',
  ),
  bomb('a gzip bomb', 'gzip'),
  bomb('a Brotli bomb', 'br'),
  bomb('a bomb in a bomb', 'twice'),
  bounded('reads an answer without end', readMuch('/endless'), WIDE),
  bounded(
    'is kept waiting drop by drop',
    `const from = performance.now(); for await (const piece of (await ctx.fetch('http://127.0.0.1:' + web + '/drip')).body) if (performance.now() - from > 6_000) return flag; return 0`,
    WIDE,
  ),
  bounded(
    'waits for a host that says nothing',
    `return await Promise.race([ctx.fetch('http://127.0.0.1:' + web + '/silent').then(() => 0), new Promise((done) => setTimeout(done, 6_000, flag))])`,
    WIDE,
  ),
  bounded(
    'asks more often than it may',
    `for (let n = 0; n < 25; n++) await (await ctx.fetch('http://127.0.0.1:' + web + '/hello')).text(); return flag`,
    { maxRequests: 100 },
    'requests of a run',
    'EGRESS_LIMIT',
  ),
  bounded(
    'gets more than it may in all',
    `for (let n = 0; n < 8; n++) await (await ctx.fetch('http://127.0.0.1:' + web + '/hear', { method: 'POST', body: 'x'.repeat(500_000) })).text(); return flag`,
    WIDE,
    'bytes of a run',
    'EGRESS_LIMIT',
  ),
  bounded(
    'sends more than it may at once',
    `await (await ctx.fetch('http://127.0.0.1:' + web + '/hear', { method: 'POST', body: 'x'.repeat(2_000_000) })).text(); return flag`,
    { maxRequestBytes: 100_000_000, maxRunBytes: 100_000_000 },
    'bytes of a request',
  ),
] as const satisfies readonly RunAttack[]
