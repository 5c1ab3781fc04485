import { family } from '../attack.ts'

const facts = family('host facts', { outcome: 'denied', wall: 'permissions', control: { kind: 'open' } })
/** Inside the walls the answer is the sandbox's own. */
const own = { os: 'ok-contained' } as const

/** Set by us, and by Deno itself where it may run programs: PATH is then a folder of its own. */
const OURS = `['DENO_NO_UPDATE_CHECK', 'DENO_NODE_SHIM_ACTIVE', 'NO_COLOR', 'HOME', 'TMPDIR', 'DENO_DIR', 'PWD', ...(Deno.env.get('PATH')?.includes('/usr') ? [] : ['PATH'])]`

/** What the host is called, who runs there, what it holds. */
export const factAttacks = [
  facts.body(
    'the whole environment by Deno.env',
    `return Object.keys(Deno.env.toObject()).some((name) => !${OURS}.includes(name)) ? flag : 'nothing of the host'`,
    own,
  ),
  facts.body(
    'the whole environment by node:process',
    `const { env } = await import('node:process'); return Object.keys(env).some((name) => !${OURS}.includes(name)) ? flag : 'nothing of the host'`,
    own,
  ),
  facts.body('the search path', `return Deno.env.get('PATH')?.includes('/usr') ? flag : 'none'`, own),
  facts.body(
    'the database’s address',
    `const { env } = await import('node:process'); return env.PATH?.includes('/usr') ? flag : String(env.DATABASE_URL)`,
    own,
  ),
  facts.body('the host’s name', `return Deno.hostname() === hostname ? flag : 'another'`, own),
  facts.body(
    'the host’s name by node:os',
    `return (await import('node:os')).hostname() === hostname ? flag : 'another'`,
    own,
  ),
  facts.body('the user', `return Deno.uid() === 65534 ? 'nobody inside' : flag`, { ...own, os: 'ok-contained' }),
  facts.body('the user by node:os', `return (await import('node:os')).userInfo().username ? flag : 0`),
  facts.body(
    'the addresses',
    `const all = Deno.networkInterfaces(); return all.some((each) => each.address === '127.0.0.1' || each.name !== 'lo') ? flag : 'none'`,
  ),
  facts.body(
    'how busy the host is',
    `return Deno.loadavg().length === 3 && (await Deno.readTextFile('/proc/loadavg')).length > 0 ? flag : 0`,
  ),
  facts.body('the parent process', `const { ppid } = await import('node:process'); return ppid > 1 ? flag : 'none'`, {
    outcome: 'ok-contained',
    os: 'ok-contained',
    permissions: 'falls',
  }),
  facts.body(
    'where it is',
    `const { cwd } = await import('node:process'); const at = cwd(); return at === '/tmp' ? at : flag`,
    { outcome: 'ok-contained', os: 'ok-contained', permissions: 'falls' },
  ),
  facts.body('where the runtime is', `return Deno.execPath() === '/deno' ? 'inside' : flag`, {
    outcome: 'ok-contained',
    os: 'ok-contained',
    permissions: 'falls',
  }),
  facts.body('where the main module is', `return Deno.mainModule === 'file:///harness.js' ? 'inside' : flag`, {
    os: 'ok-contained',
    permissions: 'falls',
    outcome: 'ok-contained',
  }),
  facts.body('paths in a stack', `return /file:\\/\\/\\/(?!harness)/.test(new Error('x').stack) ? flag : 'none'`, {
    outcome: 'ok-contained',
    os: 'ok-contained',
    permissions: 'falls',
  }),
  facts.body(
    'a grant by asking',
    `const { state } = await Deno.permissions.request({ name: 'read' }); return state === 'granted' ? flag : (() => { throw new Error('denied') })()`,
    { os: 'falls' },
  ),
]
