import { family } from '../attack.ts'

const MB = 1_000_000
const memory = family('memory', {
  outcome: 'memory',
  wall: 'memory',
  limits: { memoryMb: 64, timeoutMs: 120_000 },
  control: { kind: 'limits', limits: { memoryMb: 1_600, timeoutMs: 300_000, cpuMs: 120_000 } },
})
/** Far beyond what 64 MB and the runtime's share come to, however memory is bounded. */
const MUCH = 500

/** Each would hold half a gigabyte; the control gives it more than that, and then it answers. */
export const memoryAttacks = [
  memory.body(
    'fills byte arrays',
    `const all = []; for (let n = 0; n < ${MUCH}; n++) all.push(new Uint8Array(${MB}).fill(1)); return flag`,
  ),
  memory.body(
    'fills one buffer that grows',
    `const buffer = new ArrayBuffer(0, { maxByteLength: ${MUCH * MB} }); for (let n = 1; n <= ${MUCH}; n++) { buffer.resize(n * ${MB}); new Uint8Array(buffer).fill(1, (n - 1) * ${MB}) } return flag`,
  ),
  memory.body(
    'fills shared memory',
    `const all = []; for (let n = 0; n < ${MUCH}; n++) all.push(new Uint8Array(new SharedArrayBuffer(${MB})).fill(1)); return flag`,
  ),
  memory.body(
    'grows the memory of WebAssembly',
    `const memory = new WebAssembly.Memory({ initial: 1 }); for (let n = 0; n < ${MUCH}; n++) { memory.grow(16); new Uint8Array(memory.buffer).fill(1, memory.buffer.byteLength - 1048576) } return flag`,
  ),
  memory.body(
    'piles up objects',
    `const all = []; for (let n = 0; n < 10_000_000; n++) all.push({ n, a: [n] }); return flag`,
  ),
  memory.body(
    'piles up numbers',
    `const all = []; for (let n = 0; n < ${(MUCH * MB) / 8}; n++) all.push(n + 0.5); return flag`,
  ),
  memory.body(
    'piles up strings',
    `const all = []; for (let n = 0; n < ${MUCH * 10}; n++) all.push(String(n).repeat(20_000) + n, [...String(n).repeat(5_000)].join('')); return flag`,
  ),
  memory.body(
    'fills a map',
    `const all = new Map(); for (let n = 0; n < 4_000_000; n++) all.set('key ' + n, { n }); return flag`,
  ),
  memory.body(
    'chains closures',
    `let last = () => 0; for (let n = 0; n < 6_000_000; n++) { const before = last; last = () => before() + n } return last === null ? 0 : flag`,
  ),
  memory.body(
    'awaits a million promises',
    `const all = []; for (let n = 0; n < 4_000_000; n++) all.push(new Promise(() => {}).then(() => n)); return all.length === 0 ? 0 : flag`,
  ),
  memory.body(
    'clones what it has',
    `let value = { text: ['x'.repeat(1000)] }; const all = []; for (let n = 0; n < ${MUCH * 400}; n++) all.push(structuredClone(value)), value.n = n; return flag`,
  ),
  memory.body(
    'encodes text',
    `const text = 'é'.repeat(500_000), all = []; for (let n = 0; n < ${MUCH}; n++) all.push(new TextEncoder().encode(text)); return flag`,
  ),
  memory.body(
    'parses JSON that unfolds',
    `const text = '[' + '{},'.repeat(300_000) + '0]', all = []; for (let n = 0; n < 40; n++) all.push(JSON.parse(text)); return flag`,
  ),
  memory.body(
    'keeps blobs',
    `const all = []; for (let n = 0; n < ${MUCH}; n++) all.push(new Blob([new Uint8Array(${MB}).fill(n)])); return flag`,
  ),
  memory.body(
    'builds an answer far too large in memory',
    `return JSON.stringify(Array(${MUCH}).fill('x'.repeat(${MB}))).length > 0 ? flag : 0`,
  ),
  memory.module(
    'fills memory while it is loaded',
    `const all = []; for (let n = 0; n < ${MUCH}; n++) all.push(new Uint8Array(${MB}).fill(1)); export default ({ flag }) => flag`,
  ),
  memory.body(
    'fills memory in a worker',
    `const worker = new Worker('data:text/javascript,' + encodeURIComponent('const all = []; for (let n = 0; n < ${MUCH}; n++) all.push(new Uint8Array(${MB}).fill(1)); postMessage(1)'), { type: 'module' }); await new Promise((done, fail) => { worker.onmessage = done; worker.onerror = fail }); return flag`,
  ),
  memory.body('exits like the memory killer', `Deno.exit(137)`, {
    outcome: 'error',
    code: 'AGENT_EXITED',
    wall: 'verdicts from outside',
    control: { kind: 'naive-host', believes: /exit code 137/ },
  }),
]
