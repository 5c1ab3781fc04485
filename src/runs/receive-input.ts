import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { ObjectStore } from '../files/index.ts'
import { newUuidV7 } from '../platform/ids.ts'
import type { Prisma } from '../platform/prisma.ts'
import type { FileSource } from '../sandbox/index.ts'
import type { ReceivedInput } from './run-agent.ts'
import { runsErrors } from './runs.errors.ts'

export type ReceiveInputDeps = {
  readonly prisma: Prisma
  readonly store: ObjectStore
  readonly options: { readonly uploadTtlMs: number; readonly maxFiles: number }
}

/** A part of a multipart request, in the order of its arrival. */
export type InputPart =
  | { readonly kind: 'field'; readonly name: string; readonly value: string }
  | {
      readonly kind: 'file'
      readonly name: string
      readonly fileName: string
      readonly type: string
      readonly content: Readable
      /** Asked once `content` has ended: was it cut at the size limit? */
      readonly wasCut: () => boolean
    }

/** A JSON body is its own input. */
export function receiveJson(raw: Uint8Array, value: unknown): ReceivedInput {
  return { value, input: { json: raw, files: new Map() }, fingerprintBody: raw, discard: async () => {} }
}

type StoredFile = { readonly id: string; readonly key: string; readonly sha256: string; readonly source: FileSource }

/** A multipart body: the part `input` holds the JSON object, every file part becomes the property of its name. Files go
 * to the object store as they arrive, never whole into memory, and the agent reads them from there.
 * @throws INPUT_PART_INVALID naming the part; whatever was stored by then is removed */
export async function receiveMultipart(
  deps: ReceiveInputDeps,
  accountId: string,
  parts: AsyncIterable<InputPart>,
): Promise<ReceivedInput> {
  let value: Record<string, unknown> = {}
  const stored = new Map<string, StoredFile>()
  const discard = () => discardUploads(deps, accountId, [...stored.values()])
  try {
    for await (const part of parts) {
      if (part.kind === 'file') {
        if (stored.size >= deps.options.maxFiles)
          throw invalid(`At most ${deps.options.maxFiles} files fit into one request.`)
        if (stored.has(part.name)) throw invalid(`The part "${part.name}" came twice.`)
        stored.set(part.name, await storeFile(deps, accountId, part))
      } else if (part.name === 'input') value = { ...objectOf(part.value), ...value }
      else throw invalid(`The part "${part.name}" is neither "input" (the JSON input) nor a file.`)
    }
  } catch (error) {
    await discard()
    throw error
  }
  const withFiles = { ...value }
  const canonical: Record<string, unknown> = { ...value }
  for (const [name, file] of stored) {
    const { source } = file
    // The upload's id stands in the stored input, so that the run can be repeated from its row.
    const facts = { uploadId: file.id, name: source.name, type: source.type, sizeBytes: source.sizeBytes }
    withFiles[name] = { $file: name, ...facts }
    canonical[name] = { name: source.name, type: source.type, sha256: file.sha256 }
  }
  const files = new Map([...stored].map(([name, file]) => [name, file.source]))
  return {
    value: withFiles,
    input: { json: JSON.stringify(withFiles), files },
    fingerprintBody: createHash('sha256').update(JSON.stringify(canonical)).digest(),
    discard,
  }
}

async function storeFile(
  deps: ReceiveInputDeps,
  accountId: string,
  part: Extract<InputPart, { kind: 'file' }>,
): Promise<StoredFile> {
  const id = newUuidV7()
  const key = `uploads/${accountId}/${id}/content`
  const written = await deps.store.put(key, part.content, { contentType: 'application/octet-stream' })
  if (part.wasCut()) {
    await deps.store.delete(key)
    throw invalid(`The file "${part.name}" is larger than this site takes.`)
  }
  const { sizeBytes, sha256 } = written
  const expiresAt = new Date(Date.now() + deps.options.uploadTtlMs)
  await deps.prisma.upload.create({
    data: {
      accountId,
      id,
      name: part.fileName,
      type: part.type,
      sizeBytes: BigInt(sizeBytes),
      sha256,
      objectKey: key,
      expiresAt,
    },
  })
  const read = (offset: number, length: number) => deps.store.readRange(key, offset, length)
  return { id, key, sha256, source: { name: part.fileName, type: part.type, sizeBytes, read } }
}

async function discardUploads(deps: ReceiveInputDeps, accountId: string, files: readonly StoredFile[]): Promise<void> {
  if (files.length === 0) return
  await Promise.all(files.map((file) => deps.store.delete(file.key)))
  await deps.prisma.upload.deleteMany({ where: { accountId, id: { in: files.map((file) => file.id) } } })
}

function objectOf(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw invalid('The part "input" is not JSON.', error)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('The part "input" is not a JSON object.')
  return { ...value }
}

const invalid = (problem: string, cause?: unknown) => runsErrors.INPUT_PART_INVALID({ problem }, { cause })
