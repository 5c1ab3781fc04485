import type { Package, UploadAttack } from '../attack.ts'

const upload = (
  name: string,
  files: Readonly<Record<string, string>>,
  details: Partial<UploadAttack> = {},
): UploadAttack => ({
  kind: 'upload',
  family: 'uploads',
  outcome: 'error',
  code: 'BUNDLE_IMPORT_REFUSED',
  wall: 'a build sees what was uploaded only',
  control: { kind: 'naive-build' },
  name,
  files,
  ...details,
})
const named = { code: 'SOURCE_INVALID', wall: 'names of files' } as const
const ENTRY = 'export default () => 1'

const USE = { 'index.js': 'import * as p from "p"; export default () => p' }
const MAIN = { name: 'package/m.js', text: 'exports.x = 1' }
const json = (more: object): { name: string; text: string } => ({
  name: 'package/package.json',
  text: JSON.stringify({ name: 'p', version: '1.0.0', main: 'm.js', ...more }),
})
/** An agent that asks for the package `p`, which is like this. */
const packaged = (name: string, given: Package, details: Partial<UploadAttack> = {}): UploadAttack =>
  upload(name, USE, {
    packages: { 'node_modules/p': given },
    code: 'DEPENDENCIES_INVALID',
    wall: 'packages are taken apart',
    ...details,
  })
const CONTAINED = { outcome: 'ok-contained', code: undefined } as const
const REFUSED = { code: 'BUNDLE_IMPORT_REFUSED', wall: 'a build sees its packages only' } as const
const NOT_INSTALLED = { ...CONTAINED, wall: 'nothing is installed' } as const
const OUTSIDE = '../../../../../../../../../../..{canary}'

const packageAttacks: readonly UploadAttack[] = [
  ...['preinstall', 'install', 'postinstall', 'prepare'].map((script) =>
    packaged(
      `a package with the script ${script}`,
      { entries: [json({ scripts: { [script]: 'touch {folder}/slipped-{flag}.ts' } }), MAIN] },
      NOT_INSTALLED,
    ),
  ),
  packaged(
    'a package whose program is linked outside',
    { entries: [json({ bin: { '../../../slipped-{flag}': 'm.js' } }), MAIN] },
    NOT_INSTALLED,
  ),
  packaged('a package with a file above itself', {
    entries: [json({}), MAIN, { name: 'package/../../../slipped-{flag}.js', text: '1' }],
  }),
  packaged('a package with a file at the root', {
    entries: [json({}), MAIN, { name: '{folder}/slipped-{flag}.ts', text: '1' }],
  }),
  packaged(
    'a package whose code is a link to the host',
    { entries: [json({ main: 'm.json' }), { name: 'package/m.json', type: 'symlink', linkname: '{canary}' }] },
    REFUSED,
  ),
  packaged(
    'a package whose code is a hard link to the host',
    { entries: [json({ main: 'm.json' }), { name: 'package/m.json', type: 'link', linkname: '{canary}' }] },
    REFUSED,
  ),
  packaged(
    'a package that writes through a link to a folder',
    {
      entries: [
        json({}),
        MAIN,
        { name: 'package/d', type: 'symlink', linkname: '{folder}' },
        { name: 'package/d/slipped-{flag}.ts', text: '1' },
      ],
    },
    CONTAINED,
  ),
  packaged('a package whose code stands outside', { entries: [json({ main: OUTSIDE })] }, REFUSED),
  packaged(
    'a package that maps its code outside',
    {
      entries: [
        json({ browser: { './n.json': `./${OUTSIDE}` } }),
        { name: 'package/n.json', text: '1' },
        { name: 'package/m.js', text: 'exports.x = require("./n.json")' },
      ],
    },
    { ...CONTAINED, wall: 'a build sees its packages only' },
  ),
  packaged(
    'a package that requires a file of the host',
    { entries: [json({}), { name: 'package/m.js', text: 'exports.x = require("{canary}")' }] },
    REFUSED,
  ),
  packaged(
    'a package that requires upwards',
    { entries: [json({}), { name: 'package/m.js', text: `exports.x = require("${OUTSIDE}")` }] },
    REFUSED,
  ),
  upload('a package at a place above', USE, {
    packages: {
      'node_modules/p': { entries: [json({}), MAIN] },
      'node_modules/../../slipped-{flag}': { entries: [json({}), MAIN] },
    },
    code: 'DEPENDENCIES_INVALID',
    wall: 'places in the lockfile',
  }),
  packaged('a package that comes from the host', {
    entries: [json({}), MAIN],
    resolved: 'http://127.0.0.1:{tcp}/{flag}',
  }),
  packaged(
    'a package whose registry leads to the host',
    { entries: [json({}), MAIN], redirect: 'http://127.0.0.1:{tcp}/{flag}' },
    { code: 'DEPENDENCIES_UNAVAILABLE', wall: 'the registry is asked, and nobody else' },
  ),
  packaged(
    'a package that is not the one of the lockfile',
    { entries: [json({}), { name: 'package/m.js', text: 'exports.x = "evil-{flag}"' }], integrity: 'another' },
    { wall: 'hashes of the lockfile' },
  ),
  packaged(
    'a package that hides another one',
    {
      entries: [
        json({}),
        { name: 'package/m.js', text: 'exports.x = require("q")' },
        { name: 'package/node_modules/q/index.js', text: 'module.exports = "evil-{flag}"' },
      ],
    },
    { code: 'BUNDLE_FAILED', wall: 'packages are taken apart' },
  ),
  upload(
    'a package in the place of the SDK',
    { 'index.ts': 'import { defineAgent } from "bureau"; export default defineAgent({ run: () => 1 })' },
    {
      packages: {
        'node_modules/bureau': {
          entries: [json({}), { name: 'package/m.js', text: 'exports.defineAgent = () => "evil-{flag}"' }],
        },
        'node_modules/p': { entries: [json({}), MAIN] },
      },
      ...CONTAINED,
      wall: 'the SDK is ours',
    },
  ),
]

/** Sources that reach out of themselves while they are unpacked or built. */
export const uploadAttacks: readonly UploadAttack[] = [
  upload('a name that climbs out', { '../slipped-{flag}.ts': '// {flag}', 'index.ts': ENTRY }, named),
  upload(
    'a name that climbs out in the middle',
    { 'a/../../slipped-{flag}.ts': '// {flag}', 'index.ts': ENTRY },
    named,
  ),
  upload('an absolute name', { '{folder}/slipped-{flag}.ts': '// {flag}', 'index.ts': ENTRY }, named),
  upload('a configuration that redirects imports', {
    'tsconfig.json': '{"compilerOptions":{"paths":{"secret":["{canary}"]}}}',
    'index.ts': 'import secret from "secret"; export default () => secret',
  }),
  upload(
    'a package that redirects imports',
    {
      'package.json': '{"browser":{"./near.json":"./../../../../../../../../../..{canary}"}}',
      'near.json': '"near"',
      'index.ts': 'import secret from "./near.json"; export default () => secret',
    },
    { outcome: 'ok-contained', code: undefined },
  ),
  upload('an import of an absolute path', {
    'index.ts': 'import secret from "{canary}" with { type: "json" }; export default () => secret',
  }),
  upload('an import that climbs out', {
    'index.ts': 'import secret from "../../../../../../../../../..{canary}"; export default () => secret',
  }),
  upload('a required file', { 'index.js': 'module.exports = () => require("{canary}")' }),
  upload(
    'a package that runs a script when it is installed',
    {
      'package.json': '{"name":"a","version":"1.0.0","scripts":{"preinstall":"touch {folder}/slipped-{flag}.ts"}}',
      'index.ts': ENTRY,
    },
    { outcome: 'ok-contained', code: undefined, wall: 'nothing is installed' },
  ),
  upload('an import with a query', { 'index.ts': 'import secret from "{canary}?a"; export default () => secret' }),
  upload('a package that was uploaded with the source', {
    'node_modules/pg/package.json': '{"main":"../../../../../../../../../..{canary}"}',
    'index.ts': 'import secret from "pg"; export default () => secret',
  }),
  ...packageAttacks,
]
