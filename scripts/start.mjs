#!/usr/bin/env node
// `npm start`: installs what is missing, then becomes the server on the pinned Node.
import { becomeNode, installMissing, ROOT } from './runtime.mjs'

process.chdir(ROOT)
installMissing('production')
becomeNode(['src/main.ts', ...process.argv.slice(2)], 'server')
