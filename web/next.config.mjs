import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Executed at every build and start. Nothing here depends on the machine, so that a build made on one serves on any.
 * @type {import('next').NextConfig} */
export default {
  poweredByHeader: false,
  // The gateway compresses, and knows what may be cached.
  compress: false,
  // `npm run typecheck` and `npm run lint` look at every file already; the server's install has no compiler.
  typescript: { ignoreBuildErrors: true },
  turbopack: { root },
  outputFileTracingRoot: root,
  experimental: { optimizePackageImports: ['@mantine/core', '@mantine/hooks', '@mantine/charts', 'lucide-react'] },
  devIndicators: false,
}
