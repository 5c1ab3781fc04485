#!/usr/bin/env node
// `node scripts/run.mjs ARGUMENTS`: installs what is missing, then becomes the pinned Node with these arguments, in the
// project's directory. Behind `npm run dev`, `npm run bench` and the like.
import { becomeNode, installMissing, ROOT } from './runtime.mjs'

process.chdir(ROOT)
installMissing('all')
becomeNode(process.argv.slice(2), 'server')
