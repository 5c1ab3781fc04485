#!/usr/bin/env node
// `bureau <command>`: the command line, on the pinned Node, in the directory it was called from.
import { becomeNode, installMissing } from './runtime.mjs'

installMissing('production')
becomeNode('src/cli.ts', process.argv.slice(2), 'command')
