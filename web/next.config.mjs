import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { siteBuild } from './lib/environment.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const build = siteBuild()

/** Executed at every build and start. Nothing here depends on the machine, so that a build made on one serves on any.
 * @type {import('next').NextConfig} */
export default {
  poweredByHeader: false,
  // The gateway compresses, and knows what may be cached.
  compress: false,
  // A folder for each state of the sources: a build never changes the files of a site that is running.
  ...(build === undefined ? {} : { distDir: `.next/${build}`, generateBuildId: () => build }),
  // `npm run typecheck` and `npm run lint` look at every file already; the server's install has no compiler.
  typescript: { ignoreBuildErrors: true },
  // Fetched by developer tools alone: a fault on a page names its line, and what is ours in a chunk can be told.
  productionBrowserSourceMaps: true,
  turbopack: { root },
  outputFileTracingRoot: root,
  experimental: { optimizePackageImports: ['@mantine/core', '@mantine/hooks', '@mantine/charts', 'lucide-react'] },
  devIndicators: false,
}
