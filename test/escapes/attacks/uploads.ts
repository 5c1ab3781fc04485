import type { UploadAttack } from '../attack.ts'

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
]
