#!/usr/bin/env node
// `npm run generate`: writes the Prisma client from prisma/schema.prisma. Only its generator is needed, not the schema
// engine, which the CLI would otherwise download first.
import { spawnSync } from 'node:child_process'
import { installMissing, pinnedNode, ROOT } from './runtime.mjs'

process.chdir(ROOT)
installMissing('all')
const { status } = spawnSync(
  pinnedNode(),
  ['node_modules/prisma-cli/build/index.js', 'generate', ...process.argv.slice(2)],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
  },
)
process.exitCode = status ?? 1
