import { z } from 'zod'
import { loadConfig, option } from '../../src/platform/config.ts'

const options = {
  extent: option('BUREAU_CHAOS', z.enum(['sample', 'full']).default('sample'), {
    why: 'sample: a few minutes with every other test. full: every message, twenty kills (docs/measurements.md).',
  }),
} as const

/** How much of the chaos suites runs. */
export const isFull = (): boolean => loadConfig({ chaos: options }).chaos.extent === 'full'
