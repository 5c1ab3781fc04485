import { family, type RunAttack } from '../attack.ts'

const leftovers = family('leftovers', {
  outcome: 'ok-contained',
  wall: 'a process per principal',
  steps: ['alice', 'bob'],
  control: { kind: 'same-principal' },
})
/** Alice's run leaves something, Bob's looks for it. `find` answers what it found. */
const plant = (name: string, leave: string, find: string, details: Partial<RunAttack> = {}) =>
  leftovers.body(
    name,
    `if (step === 0) { ${leave}; return 'left' } return (await (async () => { ${find} })()) ? flag : 'nothing'`,
    details,
  )

/** What Deno keeps in files that no permission guards. Inside the walls each instance has files of its own; Deno alone
 * has no place for them, because two instances would share it. */
const STORED: Partial<RunAttack> = {
  permissions: 'denied',
  wall: 'no storage that is shared',
  control: { kind: 'open' },
}

/** What one principal leaves behind must not be there for the next; under one key it is. */
export const leftoverAttacks = [
  plant('a global variable', `globalThis.left = 1`, `return globalThis.left`),
  leftovers.module('a variable of the module', `let left = 0; export default ({ flag }) => (++left > 1 ? flag : left)`),
  plant(
    'a patched method',
    `const { map } = Array.prototype; Array.prototype.map = function (...all) { return map.apply(this, all) }`,
    `return ![].map.toString().includes('native')`,
  ),
  plant('a polluted prototype', `Object.prototype.left = 1`, `return ({}).left`),
  plant('a replaced fetch that listens', `globalThis.fetch = () => 'heard'`, `return fetch('x') === 'heard'`),
  plant('a replaced console that listens', `console.log = () => 'heard'`, `return console.log('x') === 'heard'`),
  plant('a changed JSON', `JSON.left = 1`, `return JSON.left`),
  plant(
    'a timer that goes on',
    `globalThis.ticks = 0; Deno.unrefTimer(setInterval(() => globalThis.ticks++, 5))`,
    `await new Promise((done) => setTimeout(done, 60)); return globalThis.ticks`,
  ),
  plant(
    'an event listener',
    `addEventListener('left', () => { globalThis.heard = 1 })`,
    `dispatchEvent(new Event('left')); return globalThis.heard`,
  ),
  plant(
    'a registered symbol with a value',
    `globalThis[Symbol.for('left')] = 1`,
    `return globalThis[Symbol.for('left')]`,
  ),
  plant('the other run’s context', `globalThis.before = ctx`, `return globalThis.before?.runId`),
  plant('the other run’s input', `globalThis.before = input`, `return globalThis.before?.flag`),
  plant('a stack trace hook', `Error.prepareStackTrace = () => 'left'`, `return new Error('x').stack === 'left'`),
  plant('local storage', `localStorage.setItem('left', '1')`, `return localStorage.getItem('left')`, STORED),
  plant('session storage', `sessionStorage.setItem('left', '1')`, `return sessionStorage.getItem('left')`),
  plant(
    'the cache of responses',
    `const cache = await caches.open('left'); await cache.put('https://left/', new Response('left'))`,
    `const cache = await caches.open('left'); return await cache.match('https://left/')`,
    STORED,
  ),
  plant(
    'a worker that listens',
    `globalThis.worker = new Worker('data:text/javascript,onmessage = () => postMessage(1)', { type: 'module' }); await new Promise((done) => setTimeout(done, 50))`,
    `return globalThis.worker`,
  ),
  plant(
    'a broadcast channel',
    `globalThis.channel = new BroadcastChannel('left'); channel.onmessage = () => new BroadcastChannel('answer').postMessage(1)`,
    `return await new Promise((done) => { const answer = new BroadcastChannel('answer'); answer.onmessage = () => done(1); new BroadcastChannel('left').postMessage(1); setTimeout(() => done(0), 300) })`,
  ),
  plant(
    'a module of Node',
    `(await import('node:events')).default.left = 1`,
    `return (await import('node:events')).default.left`,
  ),
  plant(
    'a database in memory',
    `const { DatabaseSync } = await import('node:sqlite'); globalThis.db = new DatabaseSync(':memory:'); db.exec('create table a (b)')`,
    `return globalThis.db?.prepare('select count(*) as n from a').get()`,
  ),
  plant(
    'what stands in its heap',
    `globalThis.kept = Object.keys({ ['a secret of ' + 6 * 7]: 1 })`,
    `const stream = (await import('node:v8')).getHeapSnapshot(); let all = ''; for await (const piece of stream) all += new TextDecoder().decode(piece); return all.includes('a secret of ' + 6 * 7)`,
    { limits: { memoryMb: 512, timeoutMs: 60_000 } },
  ),
  plant(
    'a finalizer',
    `globalThis.registry = new FinalizationRegistry(() => {}); registry.register({}, 1)`,
    `return globalThis.registry`,
  ),
]
