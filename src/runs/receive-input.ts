import { createHash } from 'node:crypto'
import { parseJsonBody } from '../http/index.ts'
import { EnhancedAppError } from '../platform/errors.ts'
import { EgressDenied, EgressFailed, type FileSource } from '../sandbox/index.ts'
import type { InputPart } from './input-parts.ts'
import type { ReceivedInput } from './run-agent.ts'
import { runsErrors } from './runs.errors.ts'
import { removeUploads, sourceOf, storeUpload, type IncomingFile, type UploadsDeps } from './uploads/store-upload.ts'
import { FIND_UPLOADS } from './uploads/uploads.queries.ts'

export type ReceiveInputDeps = {
  readonly uploads: UploadsDeps
  readonly maxFiles: number
  /** Opens a public address under the site's egress policy. @throws EgressDenied, EgressFailed, also as it is read */
  readonly download: (url: string) => Promise<IncomingFile>
}

/** A file of an input, in the store. */
type InputFile = { readonly uploadId: string; readonly sha256: string; readonly source: FileSource }

/** A JSON body is its own input. Where it names files, uploaded before (`{"$upload": id}`) or by their address
 * (`{"$url": "https://…"}`), these are looked up, or brought into the store, and stand in the input as file inputs.
 * @throws UPLOAD_NOT_FOUND, INPUT_URL_FAILED, INPUT_PART_INVALID, and what storing a file throws */
export async function receiveJson(
  deps: ReceiveInputDeps,
  accountId: string,
  raw: Buffer,
  value: unknown,
): Promise<ReceivedInput> {
  const nothing = { input: { json: raw, files: new Map() }, fingerprintBody: raw, discard: async () => {} }
  // Most inputs name no file, and are not walked through.
  if (!raw.includes('"$upload"') && !raw.includes('"$url"')) return { value, ...nothing }
  const references = referencesIn(value)
  if (references.length === 0) return { value, ...nothing }
  if (references.length > deps.maxFiles) throw invalid(`At most ${deps.maxFiles} files fit into one request.`)
  const brought: { id: string; key: string }[] = []
  const discard = () => removeUploads(deps.uploads, accountId, brought)
  const found = await findUploads(deps, accountId, references)
  const files = new Map<string, FileSource>()
  try {
    for (const reference of references) {
      const file = reference.kind === 'upload' ? needUpload(found, reference) : await bring(reference)
      files.set(file.uploadId, file.source)
      reference.put({
        ...asReference(file.uploadId, file),
        ...(reference.kind === 'upload' ? { sentAhead: true } : {}),
      })
    }
  } catch (error) {
    await discard()
    throw error
  }
  // The references were put into the parsed body itself: nobody else holds it.
  return { value, input: { json: JSON.stringify(value), files }, fingerprintBody: raw, discard }

  async function bring(reference: Reference): Promise<InputFile> {
    try {
      const stored = await storeUpload(deps.uploads, accountId, await deps.download(reference.target))
      brought.push(stored)
      return { uploadId: stored.id, sha256: stored.sha256, source: stored.source }
    } catch (error) {
      const problem = networkProblemOf(error)
      if (problem === null) throw error
      throw runsErrors.INPUT_URL_FAILED({ problem: `${problem}.` }, { cause: error })
    }
  }
}

/** What the network or its policy said, also where it came in the middle of the file; null for any other fault. */
function networkProblemOf(error: unknown): string | null {
  if (error instanceof EgressDenied)
    return `${error.host} is not a place that files are taken from: name an https address on the public internet`
  if (error instanceof EgressFailed) return error.message
  return error instanceof Error && error.cause !== undefined ? networkProblemOf(error.cause) : null
}

type Reference = {
  readonly kind: 'upload' | 'url'
  readonly target: string
  /** Puts something else in its place. */
  readonly put: (value: unknown) => void
}

/** The file references in an input, wherever they stand. A reference is an object with that one property. */
function referencesIn(input: unknown): Reference[] {
  const found: Reference[] = []
  const open: unknown[] = [input]
  while (open.length > 0) {
    const holder = open.pop()
    if (typeof holder !== 'object' || holder === null) continue
    for (const [name, value] of Object.entries(holder)) {
      const reference = referenceOf(value)
      if (reference === null) open.push(value)
      else found.push({ ...reference, put: (file) => void Reflect.set(holder, name, file) })
    }
  }
  return found
}

function referenceOf(value: unknown): Pick<Reference, 'kind' | 'target'> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const [only, more] = Object.entries(value)
  if (only === undefined || more !== undefined) return null
  const [name, target] = only
  if (typeof target !== 'string') return null
  if (name === '$upload') return { kind: 'upload', target }
  return name === '$url' ? { kind: 'url', target } : null
}

async function findUploads(
  deps: ReceiveInputDeps,
  accountId: string,
  references: readonly Reference[],
): Promise<ReadonlyMap<string, InputFile>> {
  const ids = references.filter(({ kind, target }) => kind === 'upload' && isUuid(target)).map(({ target }) => target)
  if (ids.length === 0) return new Map()
  const rows = await deps.uploads.db.query(FIND_UPLOADS, [accountId, ids])
  return new Map(
    rows.map((row) => [row.id, { uploadId: row.id, sha256: row.sha256, source: sourceOf(deps.uploads.store, row) }]),
  )
}

function needUpload(found: ReadonlyMap<string, InputFile>, { target }: Reference): InputFile {
  const file = found.get(target.toLowerCase())
  if (file === undefined) throw runsErrors.UPLOAD_NOT_FOUND({ uploadId: target.slice(0, 100) })
  return file
}

const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)

/** A multipart body: the part `input` holds the JSON object, every file part becomes the property of its name. Files go
 * to the object store as they arrive, never whole into memory, and the agent reads them from there.
 * @throws INPUT_PART_INVALID naming the part; whatever was stored by then is removed */
export async function receiveMultipart(
  deps: ReceiveInputDeps,
  accountId: string,
  parts: AsyncIterable<InputPart>,
): Promise<ReceivedInput> {
  let value: Record<string, unknown> = {}
  const stored = new Map<string, InputFile>()
  const brought: { id: string; key: string }[] = []
  const discard = () => removeUploads(deps.uploads, accountId, brought)
  try {
    for await (const part of parts) {
      if (part.name === '__proto__') throw invalid('A part cannot be called "__proto__".')
      if (part.kind === 'file') {
        if (stored.size >= deps.maxFiles) throw invalid(`At most ${deps.maxFiles} files fit into one request.`)
        if (stored.has(part.name)) throw invalid(`The part "${part.name}" came twice.`)
        const file = await storeUpload(deps.uploads, accountId, {
          name: part.fileName,
          type: part.type,
          content: part.content,
        })
        brought.push(file)
        if (part.wasCut()) throw invalid(`The file "${part.name}" is larger than this site takes.`)
        stored.set(part.name, { uploadId: file.id, sha256: file.sha256, source: file.source })
      } else if (part.name === 'input') {
        if (part.isCut) throw invalid('The part "input" is larger than this site takes: send what is large as a file.')
        value = { ...objectOf(part.value), ...value }
      } else throw invalid(`The part "${part.name}" is neither "input" (the JSON input) nor a file.`)
    }
  } catch (error) {
    await discard()
    throw error
  }
  const withFiles = { ...value }
  const canonical: Record<string, unknown> = { ...value }
  for (const [name, file] of stored) {
    withFiles[name] = asReference(name, file)
    canonical[name] = { name: file.source.name, type: file.source.type, sha256: file.sha256 }
  }
  const files = new Map([...stored].map(([name, file]) => [name, file.source]))
  return {
    value: withFiles,
    input: { json: JSON.stringify(withFiles), files },
    fingerprintBody: createHash('sha256').update(JSON.stringify(canonical)).digest(),
    discard,
  }
}

/** A file as the stored input names it; one that was sent ahead is marked, because it outlives the run. The upload's id stands in it, so that the run can be repeated from its row. */
function asReference(key: string, { uploadId, source }: InputFile): Readonly<Record<string, unknown>> {
  return { $file: key, uploadId, name: source.name, type: source.type, sizeBytes: source.sizeBytes }
}

/** @throws INPUT_PART_INVALID, and as for any JSON body BODY_TOO_DEEP, BODY_KEY_FORBIDDEN */
function objectOf(text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = parseJsonBody(Buffer.from(text))
  } catch (error) {
    if (error instanceof EnhancedAppError && error.code !== 'BODY_MALFORMED') throw error
    throw invalid('The part "input" is not JSON.', error)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid('The part "input" is not a JSON object.')
  return { ...value }
}

const invalid = (problem: string, cause?: unknown) => runsErrors.INPUT_PART_INVALID({ problem }, { cause })
