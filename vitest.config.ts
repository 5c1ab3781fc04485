import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config'

/** What a test needs stands in its file name: `x.test.ts` nothing, `x.pg.test.ts` PostgreSQL, and so on. */
const SERVED = ['pg', 's3', 'redis', 'sandbox'] as const
const IGNORED = ['**/node_modules/**', '.bureau/**', 'web/.next/**']

// Where `npm test` wants the figures for its last line.
const report = process.env['BUREAU_TEST_REPORT']

type Options = NonNullable<TestProjectInlineConfiguration['test']>

function project(name: string, options: Options): TestProjectInlineConfiguration {
  return {
    test: {
      name,
      pool: 'forks',
      // Node runs TypeScript itself, in tests as in production; without the loader nothing can be mocked by module.
      experimental: { viteModuleRunner: false, nodeLoader: false },
      setupFiles: ['test/support/each-file.ts'],
      ...options,
    },
  }
}

export default defineConfig({
  test: {
    maxWorkers: 2,
    reporters: ['default', './test/support/missing-reporter.ts', ...(report ? (['json'] as const) : [])],
    ...(report ? { outputFile: { json: report } } : {}),
    projects: [
      project('unit', {
        include: ['{src,test,bench,examples,scripts,web}/**/*.test.{ts,mjs}'],
        exclude: [...IGNORED, '**/*.{pg,s3,redis,sandbox,chaos,browser}.test.ts'],
        // Some bundle packages beside everything else; a limit is not an assertion.
        testTimeout: 30_000,
      }),
      ...SERVED.map((name) =>
        project(name, {
          include: [`{src,test,bench,examples}/**/*.${name}.test.ts`],
          exclude: IGNORED,
          globalSetup: ['test/support/test-postgres.ts'],
          // Servers boot inside tests; on a busy machine that takes its time, and a limit is not an assertion.
          testTimeout: 90_000,
          hookTimeout: 90_000,
        }),
      ),
      project('browser', {
        include: ['{src,test}/**/*.browser.test.ts'],
        exclude: IGNORED,
        globalSetup: ['test/support/test-postgres.ts', 'test/support/built-site.ts'],
        testTimeout: 120_000,
        hookTimeout: 180_000,
        // Each file starts a site and a browser.
        fileParallelism: false,
        maxWorkers: 1,
        sequence: { groupOrder: 1 },
      }),
      project('chaos', {
        include: ['test/chaos/**/*.chaos.test.ts'],
        exclude: IGNORED,
        globalSetup: ['test/support/test-postgres.ts'],
        testTimeout: 600_000,
        hookTimeout: 60_000,
        // Kills and loads: alone, after everything else.
        fileParallelism: false,
        maxWorkers: 1,
        sequence: { groupOrder: 2 },
      }),
    ],
  },
})
