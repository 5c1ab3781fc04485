import { z } from 'zod'
import { option } from './config.ts'

/** What the process itself needs; each domain declares its own beside its code. */
export const platformOptions = {
  dataDir: option('BUREAU_DATA', z.string().default('./.bureau'), {
    why: 'Folder of everything the embedded defaults keep: database, files, caches, demo.json.',
  }),
  databaseUrl: option(
    'DATABASE_URL',
    z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must start with postgresql://')
      .optional(),
    {
      why: 'PostgreSQL 15 or newer. Without it an embedded PostgreSQL 18 runs under BUREAU_DATA.',
      secret: true,
    },
  ),
  databaseDirectUrl: option(
    'DATABASE_DIRECT_URL',
    z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'must start with postgresql://')
      .optional(),
    {
      why: 'PostgreSQL without a pooler in between, for migrations, locks and LISTEN. Default: DATABASE_URL.',
      secret: true,
    },
  ),
  poolMax: option('BUREAU_DATABASE_CONNECTIONS', z.coerce.number().int().min(4).max(200).default(10), {
    why: 'Connections for ordinary queries. The run path and the job queue have small pools of their own; the sum is logged at start.',
    unit: 'connections',
  }),
  statementTimeoutMs: option('BUREAU_STATEMENT_TIMEOUT_MS', z.coerce.number().int().min(100).default(15_000), {
    why: 'A query that takes longer is ended, so that one slow report cannot hold connections that runs need.',
    unit: 'milliseconds',
  }),
  redisUrl: option(
    'REDIS_URL',
    z
      .string()
      .regex(/^rediss?:\/\//, 'must start with redis://')
      .optional(),
    {
      why: 'Redis for caches and rate limits shared by several processes. Without it each process keeps its own.',
      secret: true,
    },
  ),
  nodeEnv: option('NODE_ENV', z.enum(['production', 'development', 'test']).default('development'), {
    why: 'In production nothing is ever seeded.',
  }),
  sessionSecret: option('NEXTAUTH_SECRET', z.string().min(32, 'needs at least 32 characters').optional(), {
    why: 'Signs sessions. Needed in production.',
    secret: true,
  }),
  oldSecrets: option(
    'BUREAU_OLD_SECRETS',
    z
      .string()
      .default('')
      .transform((text) => text.split(/\s+/).filter((part) => part !== ''))
      .pipe(z.array(z.string().min(32, 'needs at least 32 characters each'))),
    {
      why: 'Values that NEXTAUTH_SECRET had before, separated by spaces. What was signed or sealed under them is still taken: two-factor needs it for good, links for a day.',
      secret: true,
    },
  ),
  logLevel: option(
    'BUREAU_LOG_LEVEL',
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).optional(),
    {
      why: 'How much is logged. Default: info, and error in the embedded mode, whose console belongs to a person.',
    },
  ),
}
