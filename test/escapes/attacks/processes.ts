import { family } from '../attack.ts'

const processes = family('processes', {
  outcome: 'denied',
  wall: 'permissions, seccomp, nothing to run',
  control: { kind: 'open' },
})

/** Other programs, native code, other processes. */
export const processAttacks = [
  processes.body(
    'runs a shell by Deno.Command',
    `const { stdout } = await new Deno.Command('/bin/sh', { args: ['-c', 'echo ' + flag] }).output(); return new TextDecoder().decode(stdout)`,
  ),
  processes.body(
    'runs itself again',
    `const { code } = await new Deno.Command('/proc/self/exe', { args: ['--version'], stdout: 'null', stderr: 'null' }).output(); return code === 0 ? flag : 0`,
  ),
  processes.body(
    'runs by node:child_process',
    `return (await import('node:child_process')).execSync('echo ' + flag.slice(0, 9) + '""' + flag.slice(9), { encoding: 'utf8' })`,
    { os: 'error' },
  ),
  processes.body(
    'spawns by node:child_process',
    `const { spawn } = await import('node:child_process'); return await new Promise((done, fail) => spawn('/bin/echo', [flag]).on('error', fail).stdout.on('data', (each) => done(String(each))))`,
  ),
  processes.body(
    'forks a module',
    `const { fork } = await import('node:child_process'); const child = fork(canary); return await new Promise((done, fail) => child.on('error', fail).on('exit', () => done(flag)))`,
  ),
  processes.body(
    'loads the C library',
    `const library = ['/lib/x86_64-linux-gnu/libc.so.6', '/lib/aarch64-linux-gnu/libc.so.6', '/lib64/libc.so.6', '/usr/lib/libc.so.6'].find((file) => { try { return Deno.statSync(file).isFile } catch (error) { if (error.name === 'NotCapable') throw error; return false } }); return Deno.dlopen(library, { getppid: { parameters: [], result: 'i32' } }).symbols.getppid() > 0 ? flag : 'alone'`,
    { os: 'ok-contained' },
  ),
  processes.body('signals the supervisor', `Deno.kill(hostPid, 0); return flag`, { control: { kind: 'open' } }),
  processes.body('signals by node:process', `(await import('node:process')).kill(hostPid, 0); return flag`),
  processes.body(
    'opens a debugger',
    `const inspector = await import('node:inspector'); inspector.open(0, '127.0.0.1'); const url = inspector.url(); return url ? flag : 0`,
  ),
  processes.body(
    'opens a debugging session with itself',
    `const { Session } = await import('node:inspector'); const session = new Session(); session.connect(); return flag`,
    { os: 'falls', wall: 'permissions' },
  ),
  processes.body(
    'starts two hundred workers',
    `const all = []; for (let n = 0; n < 200; n++) all.push(new Worker('data:text/javascript,postMessage(1);setInterval(()=>{},1000)', { type: 'module' })); let ready = 0; await new Promise((done) => { for (const each of all) each.onmessage = () => ++ready === 200 && done() }); return flag`,
    {
      outcome: 'error',
      os: 'error',
      permissions: 'error',
      wall: 'processes and descriptors',
      limits: { memoryMb: 64, timeoutMs: 40_000, cpuMs: 40_000 },
      control: { kind: 'many-processes', limits: { memoryMb: 6_000, timeoutMs: 60_000, cpuMs: 60_000 } },
    },
  ),
]
