import { expect, test } from 'vitest'
import { filesOptions } from '../../src/files/index.ts'
import { loadConfig } from '../../src/platform/config.ts'
import { platformOptions } from '../../src/platform/platform.options.ts'

test('the variables of the specification are read: database, bucket and its keys, session secret', () => {
  const config = loadConfig(
    { platform: platformOptions, files: filesOptions },
    {
      DATABASE_URL: 'postgresql://bureau@db/bureau',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'key',
      S3_BUCKET_NAME: 'agents',
      NEXTAUTH_SECRET: '0123456789abcdef0123456789abcdef',
    },
  )
  expect(config).toMatchObject({
    platform: { databaseUrl: 'postgresql://bureau@db/bureau', sessionSecret: '0123456789abcdef0123456789abcdef' },
    files: { accessKeyId: 'id', secretAccessKey: 'key', bucket: 'agents' },
  })
})

test('a session secret that is too short and an address that is not PostgreSQL are refused', () => {
  const env = { DATABASE_URL: 'mysql://db/bureau', NEXTAUTH_SECRET: 'short' }
  expect(() => loadConfig({ platform: platformOptions }, env)).toThrow(
    expect.objectContaining({
      problems: [
        expect.stringMatching(/^DATABASE_URL: must start with/),
        expect.stringMatching(/^NEXTAUTH_SECRET: needs at least 32/),
      ],
    }),
  )
})
