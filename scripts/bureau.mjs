#!/usr/bin/env node
// `bureau <command>`: the command line, on the pinned Node, in the directory it was called from.
import { join } from 'node:path'
import { becomeNode, installMissing, ROOT } from './runtime.mjs'

installMissing('production')
becomeNode([join(ROOT, 'src', 'cli.ts'), ...process.argv.slice(2)], 'command')
