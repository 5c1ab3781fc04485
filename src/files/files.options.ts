import { z } from 'zod'
import { option, type Parsed } from '../platform/config.ts'

const megabytes = (byDefault: number): z.ZodType<number> => z.coerce.number().int().min(1).default(byDefault)

export const filesOptions = {
  bucket: option('S3_BUCKET_NAME', z.string().optional(), {
    why: 'Bucket for agents, uploads and artifacts. Without it they stand on the disk under BUREAU_DATA.',
  }),
  endpoint: option('S3_ENDPOINT', z.url({ protocol: /^https?$/ }).optional(), {
    why: 'Address of an S3-compatible server (MinIO, Ceph, R2), addressed in path style. Without it, AWS.',
  }),
  region: option('AWS_REGION', z.string().default('us-east-1'), { why: 'Region of the bucket.' }),
  accessKeyId: option('AWS_ACCESS_KEY_ID', z.string().optional(), {
    why: 'Key of the bucket. Without it, the credential chain of AWS (instance or container role).',
  }),
  secretAccessKey: option('AWS_SECRET_ACCESS_KEY', z.string().optional(), {
    why: 'Secret of AWS_ACCESS_KEY_ID.',
    secret: true,
  }),
  codeMemoryMb: option('BUREAU_CODE_MEMORY_MB', megabytes(64), {
    why: 'Agent code kept in memory, so that a run reads no file.',
    unit: 'megabytes',
  }),
  codeDiskMb: option('BUREAU_CODE_DISK_MB', megabytes(512), {
    why: 'Agent code kept on the local disk, so that a restart does not fetch it all from the object store.',
    unit: 'megabytes',
  }),
}

export type FilesConfig = Parsed<typeof filesOptions>
