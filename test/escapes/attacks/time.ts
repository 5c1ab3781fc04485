import { family } from '../attack.ts'

const LONG_MS = 1_200
const time = family('time', {
  outcome: 'timeout',
  wall: 'deadline',
  limits: { timeoutMs: 300 },
  control: { kind: 'limits', limits: { timeoutMs: 20_000, cpuMs: 20_000 } },
})
/** Longer where processor time counts: a busy machine gives little of it. */
const LONG_CPU_MS = 8_000
const END = `const end = Date.now() + ${LONG_MS};`
const cpu = { wall: 'processor time', limits: { timeoutMs: 20_000, cpuMs: 200 }, code: 'RUN_CPU_EXCEEDED' } as const

/** Counts down from its argument. */
const WASM_LOOP =
  '[0,97,115,109,1,0,0,0,1,5,1,96,1,127,0,3,2,1,0,7,5,1,1,102,0,0,10,16,1,14,0,3,64,32,0,65,1,107,34,0,13,0,11,11]'

/** Each would go on beyond its deadline; the control lets it, and then it answers. */
export const timeAttacks = [
  time.body('spins in a loop', `${END} while (Date.now() < end); return flag`),
  time.body('spins in microtasks', `${END} while (Date.now() < end) await null; return flag`),
  time.body(
    'queues microtasks from microtasks',
    `${END} return await new Promise((done) => { const next = () => Date.now() < end ? queueMicrotask(next) : done(flag); next() })`,
  ),
  time.body(
    'sets timers from timers',
    `${END} return await new Promise((done) => { const next = () => Date.now() < end ? setTimeout(next) : done(flag); next() })`,
  ),
  time.body('sleeps', `await new Promise((done) => setTimeout(done, ${LONG_MS})); return flag`),
  time.body(
    'blocks in Atomics.wait',
    `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ${LONG_MS}); return flag`,
  ),
  time.body(
    'backtracks in a regular expression',
    `${END} while (Date.now() < end) /^(a+)+$/.test('a'.repeat(20) + 'b'); return flag`,
  ),
  time.body(
    'loops in WebAssembly',
    `${END} const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(${WASM_LOOP}))); while (Date.now() < end) exports.f(50_000_000); return flag`,
  ),
  time.body(
    'multiplies large integers',
    `${END} let n = 3n; while (Date.now() < end) n = (n * n) % (1n << 200_000n); return flag`,
  ),
  time.body(
    'sorts without end',
    `${END} while (Date.now() < end) [...Array(1000).keys()].sort(() => Math.random() - 0.5); return flag`,
  ),
  time.body(
    'spins while its answer is written',
    `return { toJSON() { ${END} while (Date.now() < end); return flag } }`,
  ),
  time.body('spins in a getter of its answer', `return { get a() { ${END} while (Date.now() < end); return flag } }`),
  time.body('answers a thenable that spins', `return { then(done) { ${END} while (Date.now() < end); done(flag) } }`),
  time.body('spins in finally', `${END} try { throw 1 } catch { return flag } finally { while (Date.now() < end); }`),
  time.body(
    'spins while its error is described',
    `throw { get message() { return flag }, [Symbol.for('Deno.customInspect')]() { ${END} while (Date.now() < end); return flag }, }`,
  ),
  time.module(
    'spins while it is loaded',
    `const end = Date.now() + ${LONG_MS}; while (Date.now() < end); export default ({ flag }) => flag`,
  ),
  time.module(
    'awaits while it is loaded',
    `await new Promise((done) => setTimeout(done, ${LONG_MS})); export default ({ flag }) => flag`,
  ),
  time.body(
    'reads a stream without end',
    `${END} const stream = new ReadableStream({ pull(c) { Date.now() < end ? c.enqueue(1) : c.close() } }); for await (const _ of stream); return flag`,
  ),
  time.body(
    'spins after its signal aborted',
    `${END} const stuck = () => { while (Date.now() < end); }; ctx.signal.addEventListener('abort', stuck); stuck(); return flag`,
  ),
  time.body(
    'hashes passwords in threads of the runtime',
    `${END} const key = await crypto.subtle.importKey('raw', new Uint8Array(16), 'PBKDF2', false, ['deriveBits']); while (Date.now() < end) await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-512', salt: new Uint8Array(16), iterations: 200_000 }, key, 512); return flag`,
  ),
  time.body(
    'spins within a long deadline',
    `const end = Date.now() + ${LONG_CPU_MS}; while (Date.now() < end); return flag`,
    cpu,
  ),
  time.body(
    'spins in a worker while it waits itself',
    `new Worker('data:text/javascript,for(;;);', { type: 'module' }); await new Promise((done) => setTimeout(done, ${LONG_CPU_MS})); return flag`,
    cpu,
  ),
]
