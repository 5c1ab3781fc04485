import { family } from '../attack.ts'

const SAY = `const say = (text) => { let rest = new TextEncoder().encode(text); while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest)) };`
const frames = family('frames', {
  outcome: 'error',
  code: 'AGENT_PROTOCOL_VIOLATION',
  wall: 'frames bound to the run',
  control: { kind: 'naive-host', believes: 'forged' },
  charges: { row: 1_000n },
})
const believed = (believes: string | RegExp) => ({ control: { kind: 'naive-host', believes } as const })
const forge = (name: string, frame: string, believes: string | RegExp = frame.slice(0, 40)) =>
  frames.body(`forges ${name}`, `${SAY} say(${JSON.stringify(`${frame}\n`)}); return 1`, believed(believes))

/** The guest writes to the host by hand. The control is a host that believes what it reads. */
export const frameAttacks = [
  forge('a charge of an event that has no price', '{"t":"charge","event":"forged","n":1}'),
  forge('a charge beyond the cap', '{"t":"charge","event":"row","n":1000001}'),
  forge('a charge of a negative number', '{"t":"charge","event":"row","n":-5}'),
  forge('a charge beyond safe integers', '{"t":"charge","event":"row","n":9007199254740993}'),
  forge('its own boot', '{"t":"ready"}', /"ready"[^]*"ready"/),
  forge('a second loading', '{"t":"loading"}', /"loading"[^]*"loading"/),
  forge('a read of a file that was not given', '{"t":"read","request":0,"file":"/etc/passwd","offset":0,"length":10}'),
  forge('a frame of another run', '{"t":"log","level":"info","message":"forged","run":"another"}'),
  forge('a frame of unknown type', '{"t":"forged"}'),
  forge('a failure that is the host’s, for a free retry', '{"t":"failed","code":"SANDBOX_FAILED","message":"forged"}'),
  forge('a failure only the kernel can tell', '{"t":"failed","code":"RUN_OUT_OF_MEMORY","message":"forged"}'),
  frames.body(
    'forges an error message of 20 000 characters',
    `${SAY} say('{"t":"failed","code":"AGENT_THREW","message":"' + 'forged'.repeat(3_400) + '"}\\n'); return 1`,
  ),
  forge('a refund', '{"t":"settled","charge":"0","forged":true}'),
  forge('a header with a repeated key', '{"t":"ready","t":"charge","event":"forged","n":1}'),
  forge('a header of an array', '["forged"]'),
  forge('a prototype', '{"t":"log_cut","__proto__":{"forged":true}}'),
  forge('a header 70 kB long', `{"t":"log","level":"info","message":"${'forged'.repeat(12_000)}"}`, /forged{1}/),
  forge(
    'a header 100 levels deep',
    `{"t":"log","level":"info","message":"forged","fields":{"a":${'['.repeat(100)}${']'.repeat(100)}}}`,
  ),
  frames.body('writes text', `${SAY} say('forged\\n'); return 1`),
  frames.body(
    'writes bytes that are no text',
    `Deno.stdout.writeSync(new Uint8Array([0xff, 0xfe, 0x00, 0x0a])); return 1`,
    believed(/�/),
  ),
  frames.body('writes a line without end', `${SAY} for (;;) say('forged'.repeat(1000))`),
  frames.body(
    'floods with progress',
    `${SAY} const much = '{"t":"progress","fraction":0,"message":"forged"}\\n'.repeat(1000); for (let n = 0; n < 2000; n++) say(much)`,
  ),
  frames.body('floods with empty lines', `${SAY} say('\\n'.repeat(100_000)); return 1`, believed(/\n{10}/)),
  frames.body(
    'announces an answer larger than allowed',
    `${SAY} say('{"t":"result","bytes":999999999}\\n'); return 1`,
    { ...believed('999999999'), code: 'RUN_OUTPUT_TOO_LARGE', wall: 'output size' },
  ),
  frames.body(
    'announces an answer and never sends it',
    `${SAY} say('{"t":"result","bytes":1000}\\n'); await new Promise((done) => setTimeout(done, 20_000))`,
    {
      ...believed('"bytes":1000'),
      outcome: 'timeout',
      code: undefined,
      wall: 'deadline',
      limits: { timeoutMs: 400 },
    },
  ),
  frames.body('answers text that is not JSON', `${SAY} say('{"t":"result","bytes":7}\\nforged]'); return 1`, {
    ...believed('forged]'),
    code: 'AGENT_OUTPUT_INVALID',
    wall: 'output checked as bytes',
  }),
  frames.body(
    'answers 200 000 levels',
    `${SAY} const text = '['.repeat(200_000) + ']'.repeat(200_000); say('{"t":"result","bytes":' + text.length + '}\\n' + text); return 1`,
    { ...believed('[[[[[[[['), code: 'AGENT_OUTPUT_INVALID', wall: 'output checked as bytes' },
  ),
  frames.body(
    'answers half a character',
    `Deno.stdout.writeSync(new Uint8Array([...new TextEncoder().encode('{"t":"result","bytes":4}\\n"'), 0xc3, 0x28, 0x22])); return 1`,
    { ...believed(/�/), code: 'AGENT_OUTPUT_INVALID', wall: 'output checked as bytes' },
  ),
  frames.body(
    'answers a character PostgreSQL cannot keep, by hand',
    `${SAY} say('{"t":"result","bytes":14}\\n"forged\\\\u0000"'); return 1`,
    { ...believed('forged'), outcome: 'ok-contained', code: undefined, wall: 'output kept as bytes' },
  ),
  frames.body('answers more than allowed', `return flag + 'x'.repeat(2_000_000)`, {
    code: 'RUN_OUTPUT_TOO_LARGE',
    wall: 'output size',
    control: { kind: 'limits', limits: { maxOutputBytes: 10_000_000 } },
  }),
  frames.body(
    'logs without end',
    `for (let n = 0; n < 20_000; n++) ctx.log.info((n > 1_000 ? flag : '') + 'x'.repeat(500)); return 1`,
    {
      outcome: 'ok-contained',
      code: undefined,
      wall: 'log size',
      control: { kind: 'limits', limits: { maxLogBytes: 50_000_000 } },
    },
  ),
  frames.body(
    'fills standard error',
    `const much = new TextEncoder().encode('forged'.repeat(10_000)); for (let n = 0; n < 100; n++) Deno.stderr.writeSync(much); return 1`,
    { outcome: 'ok-contained', code: undefined, wall: 'standard error is no channel', ...believed('forged') },
  ),
  frames.body(
    'pollutes prototypes through its answer',
    `return JSON.parse('{"__proto__":{"forged":true},"constructor":{"prototype":{"forged":true}}}')`,
    {
      outcome: 'ok-contained',
      code: undefined,
      wall: 'output is never parsed',
      control: { kind: 'naive-host', believes: 'forged' },
    },
  ),
  frames.body(
    'pollutes prototypes through log fields',
    `ctx.log.info('a', JSON.parse('{"__proto__":{"forged":true}}')); return ({}).forged === true ? flag : 1`,
    {
      outcome: 'ok-contained',
      code: undefined,
      wall: 'fields are data',
      control: { kind: 'naive-host', believes: 'forged' },
    },
  ),
]
