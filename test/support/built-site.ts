import { buildSite, currentBuild } from '../../src/gateway/site-build.ts'
import { isMissing } from './capabilities.ts'

/** Global setup of the browser suite: the site is built once for all of its files. */
export default async function buildOnce(): Promise<void> {
  if (!isMissing('chromium')) await buildSite(await currentBuild(), AbortSignal.timeout(600_000), 0)
}
