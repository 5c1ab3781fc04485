import { family, type RunAttack } from '../attack.ts'

const SAY = `const say = (text) => { let rest = new TextEncoder().encode(text); while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest)) };
const put = (more, bytes = 'forged') => say(JSON.stringify({ t: 'artifact', request: 900, name: 'a', type: 'a/b', size: bytes.length, offset: 0, bytes: bytes.length, ...more }) + '\\n' + bytes);`
const artifacts = family('artifacts', {
  outcome: 'ok-contained',
  wall: 'names of artifacts',
  control: { kind: 'naive-host', believes: '"artifact"' },
  charges: { row: 1_000n },
  // A refused artifact is read to its end and given to nobody.
  breaks: ({ artifacts: stored }) => stored.length > 0,
})
/** A name as JSON writes it. The control is a host that stores under the name it reads. */
const named = (name: string, json: string) =>
  artifacts.body(`puts an artifact ${name}`, `${SAY} put({ name: ${json} }); return 1`, {
    control: { kind: 'naive-host', believes: `"name":${JSON.stringify(JSON.parse(json))}` },
  })
const VIOLATION = { outcome: 'error', code: 'AGENT_PROTOCOL_VIOLATION', wall: 'frames bound to the run' } as const
const forged = (name: string, body: string, details: Partial<RunAttack> = {}) =>
  artifacts.body(name, `${SAY} ${body}; return 1`, {
    ...VIOLATION,
    control: { kind: 'naive-host', believes: 'forged' },
    breaks: ({ artifacts: stored }) => stored.some(({ bytes }) => bytes > 6),
    ...details,
  })

export const artifactAttacks = [
  named('above its folder', '"../../../etc/cron.d/forged"'),
  named('in a folder', '"a/forged"'),
  named('at the root', '"/etc/forged"'),
  named('in a folder of Windows', '"..\\\\\\\\forged"'.replaceAll('\\\\\\\\', '\\\\')),
  named('named by a dot', '"."'),
  named('named by two dots', '".."'),
  named('without a name', '""'),
  named('with an end in the middle of its name', '"forged.txt\\u0000.exe"'),
  named('with a line in its name', '"forged\\r\\nset-cookie: a=b"'),
  named('with a character that deletes', '"forged\\u007f"'),
  named('with an old control character', '"forged\\u0085"'),
  named('whose name reads backwards', '"forged\\u202egnp.exe"'),
  named('whose name is turned round inside', '"\\u2066forged\\u2069.txt"'),
  named('with a mark of direction', '"forged\\u200f.txt"'),
  named('with a separator of lines', '"forged\\u2028.txt"'),
  artifacts.body(
    'puts an artifact named by half a character',
    `${SAY} say('{"t":"artifact","request":900,"name":"forged\\\\ud800","type":"a/b","size":1,"offset":0,"bytes":1}\\n1'); return 1`,
  ),
  forged('puts an artifact with a name of 5 000 letters', `put({ name: 'forged'.repeat(900) })`),
  forged('puts an artifact with a type of 5 000 letters', `put({ type: 'forged'.repeat(900) })`),
  artifacts.body(
    'puts 300 artifacts',
    `${SAY} for (let n = 0; n < 300; n++) put({ request: 900 + n, name: 'forged' + n }); return 1`,
    {
      wall: 'number of artifacts',
      control: { kind: 'naive-host', believes: 'forged299' },
      breaks: ({ artifacts: stored }) => stored.length > 100,
    },
  ),
  artifacts.body('puts two artifacts under one name', `${SAY} put({ request: 900 }); put({ request: 901 }); return 1`, {
    wall: 'names of artifacts',
    control: { kind: 'naive-host', believes: /"request":901/ },
    breaks: ({ artifacts: stored }) => stored.length > 1,
  }),
  forged(
    'puts an artifact of nine petabytes',
    `put({ size: 9_000_000_000_000_000 }); put({ size: 9_000_000_000_000_000, offset: 6 }); return 1`,
    {
      outcome: 'ok-contained',
      code: undefined,
      wall: 'size of artifacts',
      breaks: ({ artifacts: stored }) => stored.length > 0,
    },
  ),
  forged('puts more than it said', `put({ size: 3 })`),
  forged('puts an artifact in disorder', `put({ size: 100 }); put({ size: 100, offset: 50 })`),
  forged('puts an artifact that changes its size', `put({ size: 100 }); put({ size: 1_000_000, offset: 6 })`),
  forged('puts an artifact from its middle', `put({ size: 100, offset: 50 })`),
  forged('puts nothing, again and again', `put({ size: 100 }); put({ size: 100, offset: 6 }, '')`),
  forged('puts an artifact at a price it has not', `put({ event: 'forged' })`),
  forged(
    'puts an artifact and never sends it',
    `put({ size: 100 }); await new Promise(() => setTimeout(() => 0, 20_000))`,
    {
      outcome: 'timeout',
      code: undefined,
      wall: 'deadline',
      limits: { timeoutMs: 800 },
    },
  ),
  forged('sends a piece larger than pieces are', `put({ size: 1_000_000 }, 'forged'.repeat(60_000))`, {
    code: 'RUN_OUTPUT_TOO_LARGE',
    wall: 'size of a piece',
  }),
] as const satisfies readonly RunAttack[]
