import { family, type RunAttack } from '../attack.ts'

const SAY = `const say = (text) => { let rest = new TextEncoder().encode(text); while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest)) };`
const charges = family('charges', {
  outcome: 'error',
  code: 'AGENT_PROTOCOL_VIOLATION',
  wall: 'frames bound to the run',
  control: { kind: 'naive-host', believes: 'forged' },
  charges: { row: 1_000n },
})
/** What stands behind the answer comes too late: it is not charged, and nothing of it leaves. */
const LATE = {
  outcome: 'ok-contained',
  code: undefined,
  breaks: ({ charged, chunks, artifacts }) => Object.keys(charged).length + chunks.length + artifacts.length > 0,
} as const satisfies Partial<RunAttack>

const forged = (name: string, frame: string, believes: string | RegExp = frame.slice(0, 60)) =>
  charges.body(name, `${SAY} say(${JSON.stringify(`${frame}\n`)}); return 1`, {
    control: { kind: 'naive-host', believes },
  })
const charged = (name: string, n: string) => forged(`charges ${name}`, `{"t":"charge","event":"row","n":${n}}`)
const late = (name: string, frame: string) =>
  charges.body(
    `${name} after its answer`,
    `${SAY} say(${JSON.stringify(`{"t":"result","bytes":1}\n1${frame}`)}); return 1`,
    {
      ...LATE,
      control: { kind: 'naive-host', believes: frame.slice(0, 40) },
    },
  )
const emitted = (name: string, json: string, details: Partial<RunAttack> = {}) =>
  charges.body(
    `emits ${name}`,
    `${SAY} const json = ${json}; say('{"t":"emit","bytes":' + new TextEncoder().encode(json).length + '}\\n' + json); return 1`,
    { control: { kind: 'naive-host', believes: '"emit"' }, ...details },
  )

/** What an agent says it earned and delivered. */
export const chargeAttacks = [
  charged('nothing', '0'),
  charged('half a row', '1.5'),
  charged('what is no number', 'NaN'),
  charged('infinitely often', '1e999'),
  charged('by a text', '"1"'),
  charged('by a list', '[1]'),
  charged('1e300 times', '1e300'),
  forged('charges the prototype', '{"t":"charge","event":"__proto__","n":1}'),
  forged('charges what every object has', '{"t":"charge","event":"constructor","n":1}'),
  forged('charges at a price of its own', '{"t":"charge","event":"row","n":1,"price":"0"}'),
  forged('charges another run', '{"t":"charge","event":"row","n":1,"run":"another"}'),
  charges.body(
    'floods with charges',
    `${SAY} const much = '{"t":"charge","event":"row","n":1}\\n'.repeat(1_000); for (let n = 0; n < 50; n++) say(much); return 1`,
    {
      wall: 'what the caller allowed',
      control: { kind: 'naive-host', believes: '{"t":"charge","event":"row","n":1}\n'.repeat(1_500) },
      breaks: ({ charged: { row = 0 } }) => row > 1_000,
    },
  ),
  charges.body(
    'charges in the same breath as it ends',
    `${SAY} say('{"t":"charge","event":"row","n":600}\\n{"t":"charge","event":"row","n":600}\\n{"t":"result","bytes":1}\\n1'); return 1`,
    {
      wall: 'what the caller allowed',
      control: { kind: 'naive-host', believes: /600[^]*600/ },
      breaks: ({ charged: { row = 0 } }) => row > 1_000,
    },
  ),
  late('charges', '{"t":"charge","event":"row","n":1}\n'),
  late('emits', '{"t":"emit","bytes":8}\n"forged"'),
  late(
    'puts an artifact',
    '{"t":"artifact","request":0,"name":"forged","type":"a/b","size":1,"offset":0,"bytes":1}\n1',
  ),
  late('reports progress', '{"t":"progress","fraction":1,"message":"forged"}\n'),
  charges.body(
    'keeps charging when it has answered',
    `setInterval(() => { try { ctx.charge('row') } catch {} }, 1); const { charge } = ctx; queueMicrotask(() => queueMicrotask(() => setTimeout(() => charge('row', 5)))); return 1`,
    {
      ...LATE,
      control: { kind: 'naive-host', believes: '"result"' },
    },
  ),
  forged('emits at a price it has not', '{"t":"emit","bytes":8,"event":"forged"}\n"forged"'),
  emitted('what is not JSON', `'forged]'`),
  emitted('200 000 levels', `'['.repeat(100_000) + ']'.repeat(100_000)`),
  charges.body(
    'emits half a character',
    `Deno.stdout.writeSync(new Uint8Array([...new TextEncoder().encode('{"t":"emit","bytes":4}\\n"'), 0xc3, 0x28, 0x22])); return 1`,
    {
      control: { kind: 'naive-host', believes: /�/ },
    },
  ),
  emitted('more than a piece', `JSON.stringify('forged'.repeat(60_000))`, {
    code: 'RUN_OUTPUT_TOO_LARGE',
    wall: 'size of a chunk',
  }),
  charges.body(
    'emits without end',
    `const much = 'forged'.repeat(40_000); for (let n = 0; n < 400; n++) { ctx.emit(much) } return 1`,
    {
      code: 'RUN_OUTPUT_TOO_LARGE',
      wall: 'output size',
      limits: { timeoutMs: 30_000 },
      breaks: ({ chunks }) => chunks.reduce((sum, each) => sum + each.length, 0) > 70_000_000,
    },
  ),
  charges.body(
    'emits more than it is charged for',
    `for (let n = 0; n < 1_100; n++) ctx.emit(n); ${SAY} for (let n = 0; n < 1_100; n++) say('{"t":"emit","bytes":1,"event":"row"}\\n1'); return 1`,
    {
      wall: 'what the caller allowed',
      control: { kind: 'naive-host', believes: '{"t":"emit","bytes":1,"event":"row"}\n1'.repeat(1_050) },
      breaks: ({ charged: { row = 0 } }) => row > 1_000,
    },
  ),
  forged('reports more than all of it', '{"t":"progress","fraction":2,"message":"forged"}'),
  forged('reports less than nothing', '{"t":"progress","fraction":-1,"message":"forged"}'),
  forged('reports what is no number', '{"t":"progress","fraction":null,"message":"forged"}'),
  charges.body(
    'reports in 5 000 letters',
    `${SAY} say('{"t":"progress","fraction":0,"message":"' + 'forged'.repeat(900) + '"}\\n'); return 1`,
  ),
] as const satisfies readonly RunAttack[]
