import { family } from '../attack.ts'

const imports = family('imports', {
  outcome: 'denied',
  wall: 'nothing is fetched or resolved',
  control: { kind: 'open' },
})

const specifier = (name: string, text: string, details: Parameters<typeof imports.body>[2] = {}) =>
  imports.body(name, `await import(${text}); return flag`, details)

/** Every kind of specifier. */
export const importAttacks = [
  specifier('the host’s code', `'file://' + canary.replace('canary.json', 'module.mjs')`),
  specifier('code of the host’s network', `'http://127.0.0.1:' + tcp + '/module.mjs'`),
  imports.module(
    'the host’s data, statically',
    `import value from 'file://{canary}' with { type: 'json' }; export default () => value`,
    { code: 'AGENT_NOT_LOADABLE' },
  ),
  imports.body(
    'the host’s code from a blob',
    `const url = URL.createObjectURL(new Blob(['export { default } from ' + JSON.stringify('file://' + canary.replace('canary.json', 'module.mjs'))], { type: 'text/javascript' })); await import(url); return flag`,
  ),
  imports.body(
    'the host’s code from generated code',
    `await import('data:text/javascript,import ' + encodeURIComponent(JSON.stringify('file://' + canary.replace('canary.json', 'module.mjs')))); return flag`,
  ),
  imports.body(
    'the host’s code through eval',
    `await (0, eval)('import(' + JSON.stringify('file://' + canary.replace('canary.json', 'module.mjs')) + ')'); return flag`,
  ),
  imports.body(
    'the host’s code through a timer’s text',
    `return await new Promise((done, fail) => { globalThis.done = done; globalThis.fail = fail; new Function('return import(' + JSON.stringify('file://' + canary.replace('canary.json', 'module.mjs')) + ').then(() => done(' + JSON.stringify(flag) + '), fail)')() })`,
  ),
  imports.body(
    'the host’s code through a function made from a string',
    `await new Function('at', 'return import(at)')('file://' + canary.replace('canary.json', 'module.mjs')); return flag`,
  ),
]
