// The CLI is installed under another name: as `prisma` it would satisfy an optional peer dependency of
// @prisma/client and be installed, 300 MB of it, wherever Bureau runs.
import { defineConfig } from 'prisma-cli/config'

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env['DATABASE_URL'] ?? 'postgresql://localhost/bureau' },
})
