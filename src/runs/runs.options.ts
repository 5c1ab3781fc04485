import { z } from 'zod'
import { option } from '../platform/config.ts'

const positive = (fallback: number) => z.coerce.number().int().min(1).default(fallback)

export const runsOptions = {
  keyTtlMs: option('BUREAU_IDEMPOTENCY_TTL_MS', z.coerce.number().int().min(86_400_000).default(172_800_000), {
    why: 'How long an Idempotency-Key answers again. At least the 24 hours that callers are promised.',
    unit: 'ms',
  }),
  replayWaitMs: option('BUREAU_REPLAY_WAIT_MS', positive(30_000), {
    why: 'How long a repeated request waits for a run that is still going before it gets 202 and the address to ask.',
    unit: 'ms',
  }),
  uploadBytes: option('BUREAU_UPLOAD_BYTES', positive(1_073_741_824), {
    why: 'Largest file taken with a run. An agent may ask for less in its manifest.',
    unit: 'bytes',
  }),
  uploadQuotaBytes: option('BUREAU_UPLOAD_QUOTA_BYTES', positive(10_737_418_240), {
    why: 'What all files of one account may take together, until they expire.',
    unit: 'bytes',
  }),
  uploadFiles: option('BUREAU_UPLOAD_FILES', positive(20), { why: 'Most files of one run.', unit: 'files' }),
  uploadTtlMs: option('BUREAU_UPLOAD_TTL_MS', positive(2_592_000_000), {
    why: 'How long a file sent with or before a run is kept.',
    unit: 'ms',
  }),
  uploadPartialTtlMs: option('BUREAU_UPLOAD_PARTIAL_TTL_MS', positive(86_400_000), {
    why: 'How long a file that arrives in pieces is kept without a new piece, so that its sender can go on.',
    unit: 'ms',
  }),
  runsPerAccount: option('BUREAU_RUNS_PER_ACCOUNT', positive(24), {
    why: 'Runs of one account that execute at a time; more wait, so that one account cannot take every place. Counted over all processes for queued runs, and in each process for those that wait for their answer.',
    unit: 'runs',
  }),
  streamsPerAccount: option('BUREAU_STREAMS_PER_ACCOUNT', positive(256), {
    why: 'Streams of events that one account has open at a process; one more is refused with 429. Each holds a socket.',
    unit: 'streams',
  }),
  streamsPerAddress: option('BUREAU_STREAMS_PER_ADDRESS', positive(16), {
    why: 'The same for visitors and embeds without an account, by their network address (IPv6: one /64).',
    unit: 'streams',
  }),
  queueMs: option('BUREAU_QUEUE_MS', positive(86_400_000), {
    why: 'How long a queued run may wait before it is given up, at no charge.',
    unit: 'ms',
  }),
} as const
