import { family, FETCHING_WORKER, NATIVE } from '../attack.ts'

const files = family('files', {
  outcome: 'denied',
  wall: 'permissions, host files not mounted',
  control: { kind: 'open' },
})
/** Stopped by Deno's permissions alone: inside the walls it reaches a file that says nothing about the host. */
const scratch = { os: 'ok-contained' } as const
const own = (name: string, path: string) =>
  files.body(`reads ${name}`, `const text = await Deno.readTextFile(${path}); return text.length > 0 ? flag : 0`)

/** The host's files, by every way that leads to one; the canary's content or the flag is the loot. */
export const fileAttacks = [
  files.body('reads by Deno.readTextFile', `return await Deno.readTextFile(canary)`),
  files.body('reads by Deno.readFileSync', `return new TextDecoder().decode(Deno.readFileSync(canary))`),
  files.body(
    'reads by Deno.open',
    `const file = await Deno.open(canary); return await new Response(file.readable).text()`,
  ),
  files.body('reads by node:fs', `return (await import('node:fs')).readFileSync(canary, 'utf8')`),
  files.body('reads by node:fs/promises', `return await (await import('node:fs/promises')).readFile(canary, 'utf8')`),
  files.body(
    'reads by a stream of node:fs',
    `const fs = await import('node:fs'); let all = ''; for await (const piece of fs.createReadStream(canary)) all += piece; return all`,
  ),
  files.body('imports as JSON', `return (await import('file://' + canary, { with: { type: 'json' } })).default`),
  files.body('imports as text', `return (await import('file://' + canary, { with: { type: 'text' } })).default`),
  files.body(
    'requires',
    `const { createRequire } = await import('node:module'); return createRequire('file://' + canary)(canary)`,
  ),
  files.body(
    'requires through node:module’s _load',
    `const { default: Module } = await import('node:module'); return Module._load(canary)`,
  ),
  files.body('fetches a file address in a worker', `${FETCHING_WORKER} return await fetchInWorker('file://' + canary)`),
  files.body(
    'loads it in a worker',
    `const worker = new Worker('data:text/javascript,' + encodeURIComponent('import("file://' + canary + '", { with: { type: "json" } }).then((m) => postMessage(m.default), (e) => postMessage("refused " + e))'), { type: 'module' }); const said = await new Promise((done) => { worker.onmessage = (e) => done(e.data) }); if (String(said).startsWith('refused')) throw new Error(said); return said`,
  ),
  files.body(
    'loads it in a worker of node:worker_threads',
    `const { Worker } = await import('node:worker_threads'); const worker = new Worker('require("node:worker_threads").parentPort.postMessage(require("node:fs").readFileSync(' + JSON.stringify(canary) + ', "utf8"))', { eval: true }); return await new Promise((done, fail) => { worker.on('message', done); worker.on('error', (e) => fail(new Error(e.message))) })`,
  ),
  files.body(
    'reads through the evaluation of another realm',
    `return (await import('node:vm')).runInNewContext('d.readTextFileSync(c)', { d: Deno, c: canary })`,
  ),
  files.body(
    'reads through the constructor of a function',
    `return await (async () => {}).constructor('c', 'return await Deno.readTextFile(c)')(canary)`,
  ),
  files.body(
    'evaluates in the runtime’s own realm',
    `return Deno[Deno.internal].core.evalContext('Deno.readTextFileSync(' + JSON.stringify(canary) + ')', 'ext:runtime/98_global_scope.js')[0] ?? (() => { throw new Error('denied: NotCapable') })()`,
  ),
  files.body(
    'opens a database',
    `const { DatabaseSync } = await import('node:sqlite'); new DatabaseSync(folder + '/opened-' + nonce + '.db').exec('create table a (b)'); return flag`,
  ),
  files.body(
    'attaches a database',
    `const { DatabaseSync } = await import('node:sqlite'); const db = new DatabaseSync(':memory:'); db.exec('attach ' + JSON.stringify(folder + '/attached-' + nonce + '.db') + ' as x'); db.exec('create table x.a (b)'); return flag`,
    { permissions: 'error', outcome: 'error', os: 'denied', code: 'AGENT_THREW' },
  ),
  files.body(
    'mounts the host through WASI',
    `const { WASI } = await import('node:wasi'); const wasi = new WASI({ version: 'preview1', preopens: { '/host': folder } }); return flag`,
    { permissions: 'error', outcome: 'error', os: 'error', code: 'AGENT_THREW' },
  ),
  files.body(
    'lists the folder',
    `const names = []; for await (const each of Deno.readDir(folder)) names.push(each.name); return names.length > 0 ? flag : 0`,
  ),
  files.body('asks whether it exists', `return (await Deno.stat(canary)).isFile ? flag : 0`),
  files.body(
    'links to it',
    `await Deno.symlink(canary, folder + '/link-' + nonce); return await Deno.readTextFile(folder + '/link-' + nonce)`,
  ),
  files.body('copies it', `await Deno.copyFile(canary, folder + '/copy-' + nonce); return flag`),
  files.body('watches it', `const watcher = Deno.watchFs(folder); watcher.close(); return flag`),
  files.body('writes beside it', `await Deno.writeTextFile(folder + '/written-' + nonce, 'x'); return flag`),
  files.body(
    'takes it away',
    `await Deno.writeTextFile(folder + '/doomed-' + nonce, ''); await Deno.remove(folder + '/doomed-' + nonce); return flag`,
  ),
  files.body(
    'makes a temporary folder',
    `const made = await Deno.makeTempDir({ dir: folder }); return made.startsWith(folder) ? flag : 0`,
  ),
  files.body(
    'writes a heap snapshot to a file',
    `(await import('node:v8')).writeHeapSnapshot(folder + '/heap-' + nonce); return (await Deno.stat(folder + '/heap-' + nonce)).isFile ? flag : 0`,
  ),
  files.body('walks out through links of the process', `return await Deno.readTextFile('/proc/self/root' + canary)`),
  files.body(
    'walks out through another process',
    `return await Deno.readTextFile('/proc/' + hostPid + '/root' + canary)`,
  ),
  own('its environment in procfs', `'/proc/self/environ'`),
  own('the first process’s command line', `'/proc/1/cmdline'`),
  own('its memory map', `'/proc/self/maps'`),
  own('the host’s mounts', `'/proc/self/mountinfo'`),
  own('the host’s accounts', `'/etc/passwd'`),
  own('the host’s resolver', `'/etc/resolv.conf'`),
  own('the kernel’s version', `'/proc/version'`),
  own('the machine’s processors', `'/proc/cpuinfo'`),
  own('control groups', `'/proc/self/cgroup'`),
  own('the kernel’s settings', `'/proc/sys/kernel/hostname'`),
  files.body('lists sysfs', `return [...Deno.readDirSync('/sys')].length > 0 ? flag : 0`),
  files.body(
    'lists the host’s root',
    `const names = [...Deno.readDirSync('/')].map((each) => each.name); return names.includes('etc') || names.includes('home') ? flag : names`,
    { ...scratch },
  ),
  files.body(
    'lists the host’s devices',
    `const names = [...Deno.readDirSync('/dev')].map((each) => each.name); return names.length > 4 ? flag : names`,
    { ...scratch },
  ),
  files.body('opens the kernel’s log', `${NATIVE} sys(2, '/dev/kmsg', 0x800); return flag`, {
    control: { kind: 'open' },
  }),
  files.body(
    'reads beside the harness',
    `return (await import(new URL('./sdk.ts', Deno.mainModule).href, { with: { type: 'text' } })).default.length > 0 ? flag : 0`,
  ),
  files.body(
    'fills the scratch space',
    `for (let n = 0; n < 4; n++) { const file = Deno.openSync(folder + '/fill-' + nonce + n, { create: true, write: true }); const piece = new Uint8Array(1_000_000); for (let m = 0; m < 12; m++) { let rest = piece; while (rest.length > 0) rest = rest.subarray(file.writeSync(rest)) } } return flag`,
  ),
  files.body(
    'fills its own scratch space',
    `for (let n = 0; n < 4; n++) { const file = Deno.openSync('/tmp/fill-' + nonce + n, { create: true, write: true }); const piece = new Uint8Array(1_000_000); for (let m = 0; m < 12; m++) { let rest = piece; while (rest.length > 0) rest = rest.subarray(file.writeSync(rest)) } } for (let n = 0; n < 4; n++) Deno.removeSync('/tmp/fill-' + nonce + n); return flag`,
    { wall: 'permissions, sized tmpfs' },
  ),
  files.body(
    'poisons what later instances boot from',
    `let at = '/tmp/deno'; try { at = Deno.env.get('DENO_DIR') } catch {} const names = [...Deno.readDirSync(at)].map((each) => each.name).filter((each) => /_cache_v\\d+$/.test(each)); if (names.length === 0) throw new Error('no cache'); for (const name of names) Deno.openSync(at + '/' + name, { write: true }).close(); return flag`,
    { wall: 'permissions, read-only boot cache' },
  ),
  files.body(
    'fills devices',
    `Deno.writeTextFileSync('/dev/escape-' + nonce, 'x'); Deno.removeSync('/dev/escape-' + nonce); return flag`,
    { wall: 'permissions, read-only /dev' },
  ),
]
