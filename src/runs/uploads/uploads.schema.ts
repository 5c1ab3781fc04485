import { z } from 'zod'

export const uploadView = z.object({
  id: z.uuid(),
  name: z.string(),
  type: z.string(),
  sizeBytes: z.number().int(),
  sha256: z.string().describe('Of its content, hexadecimal'),
  expiresAt: z.iso.datetime().nullable().describe('From then on it is gone'),
})
export type UploadView = z.infer<typeof uploadView>
