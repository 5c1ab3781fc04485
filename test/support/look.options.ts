import { z } from 'zod'
import { loadConfig, option } from '../../src/platform/config.ts'

const options = {
  folder: option('BUREAU_SCREENSHOTS', z.string().min(1).optional(), {
    why: 'Folder that takes a picture of every page and state the browser tests look at, at every width and scheme (`npm run screenshots`).',
  }),
} as const

/** Where pictures go; undefined where none are taken. */
export const screenshotFolder = (): string | undefined => loadConfig({ look: options }).look.folder
