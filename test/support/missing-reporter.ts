import type { Reporter } from 'vitest/node'
export default class MissingReporter implements Reporter {}
