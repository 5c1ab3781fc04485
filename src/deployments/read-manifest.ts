import { posix } from 'node:path'
import { bareManifest, compileSchema, guestManifest, type AgentManifest, type GuestManifest } from '../agents/index.ts'
import { MAX_INLINE_FILE_BYTES } from '../agents/index.ts'
import type { AgentRuntime } from '../sandbox/index.ts'
import { deploymentsErrors } from './deployments.errors.ts'
import type { SourceFiles } from './source-files.ts'

/** What the operator gives, as the sandbox's options name it. */
export type OperatorLimits = {
  readonly defaultTimeoutMs: number
  readonly maxTimeoutMs: number
  readonly defaultMemoryMb: number
  readonly maxMemoryMb: number
  readonly maxCpuMs: number
  readonly maxOutputBytes: number
  readonly maxLogBytes: number
  readonly egressRunRequests: number
  readonly egressRunBytes: number
}

export type ExampleInput = { readonly name: string; readonly input: unknown }

export type ReadManifest = {
  readonly manifest: AgentManifest
  readonly examples: readonly ExampleInput[]
  /** What works, but not as its creator may think. */
  readonly warnings: readonly string[]
}

/** Makes a version's manifest of what the agent said of itself.
 * @param said straight from the sandbox   @param name for an agent that gives none
 * @throws MANIFEST_INVALID naming up to 5 fields, LIMIT_TOO_HIGH naming field and limit, AGENT_SCHEMA_INVALID */
export function readManifest(
  said: unknown,
  name: string,
  limits: OperatorLimits,
  runtime: AgentRuntime = 'javascript',
): ReadManifest {
  const isBare = bareManifest.safeParse(said).success
  const parsed = guestManifest.safeParse(isBare ? { contract: 1, name } : said)
  if (!parsed.success) {
    const problems = parsed.error.issues
      .slice(0, 5)
      .map(({ path, message }) => `${path.join('.') || 'the whole'}: ${message}`)
    throw deploymentsErrors.MANIFEST_INVALID({ problem: problems.join('; ').slice(0, 2_000) }, { cause: parsed.error })
  }
  const given = parsed.data
  const manifest: AgentManifest = {
    name: given.name,
    description: given.description,
    category: given.category,
    icon: given.icon ?? null,
    view: given.view ?? null,
    input: given.input ?? null,
    output: given.output ?? null,
    price: given.price,
    limits: limitsOf(given, limits),
    egress: given.egress,
    secrets: given.secrets,
    idempotent: given.idempotent,
    streams: given.streams,
    runtime,
    retainMs: given.retention ?? null,
  }
  compileSchema(manifest.input, 'input')
  compileSchema(manifest.output, 'output')
  return {
    manifest,
    examples: given.examples.map(({ name: title, input }) => ({ name: title, input })),
    warnings: warningsOf(manifest, isBare),
  }
}

function limitsOf(given: GuestManifest, limits: OperatorLimits): AgentManifest['limits'] {
  const atMost = (field: string, asked: number, limit: number): number => {
    if (asked > limit) throw deploymentsErrors.LIMIT_TOO_HIGH({ field: `limits.${field}`, asked, limit })
    return asked
  }
  const timeoutMs = atMost('timeoutMs', given.limits.timeoutMs ?? limits.defaultTimeoutMs, limits.maxTimeoutMs)
  const { outputBytes, logBytes, egressRequests, egressBytes } = given.limits
  return {
    timeoutMs,
    memoryMb: atMost('memoryMb', given.limits.memoryMb ?? limits.defaultMemoryMb, limits.maxMemoryMb),
    cpuMs: atMost('cpuMs', given.limits.cpuMs ?? Math.min(timeoutMs, limits.maxCpuMs), limits.maxCpuMs),
    // What is not named is not kept: the operator's own bound may change.
    ...(outputBytes && { outputBytes: atMost('outputBytes', outputBytes, limits.maxOutputBytes) }),
    ...(logBytes !== undefined && { logBytes: atMost('logBytes', logBytes, limits.maxLogBytes) }),
    ...(egressRequests && { egressRequests: atMost('egressRequests', egressRequests, limits.egressRunRequests) }),
    ...(egressBytes && { egressBytes: atMost('egressBytes', egressBytes, limits.egressRunBytes) }),
  }
}

function warningsOf(manifest: AgentManifest, isBare: boolean): string[] {
  const { price, streams, egress } = manifest
  const warnings: string[] = []
  if (isBare) warnings.push('The agent is a bare function: it has no schemas, no examples and no price.')
  if (streams && Object.keys(price.events).length === 0 && price.runMicro > 0n)
    warnings.push(
      'The agent streams but prices only the whole run: a caller who stops reading early has had part of it for nothing. Price events and emit chunks with { charge }.',
    )
  if (egress.includes('*'))
    warnings.push(
      'The agent wants to reach every public host: callers are told so. Name the hosts where you know them.',
    )
  return warnings
}

/** An example's input with the files it names (`./sales.csv`) put in, so that it can be posted as it stands: as text where
 * it is text, otherwise as base64 with its name and type.
 * @throws EXAMPLE_FILE_NOT_FOUND, SOURCE_INVALID for a file that is too large to stand in an input */
export function withFiles(example: ExampleInput, manifest: AgentManifest, source: SourceFiles): ExampleInput {
  const properties =
    isRecord(manifest.input) && isRecord(manifest.input['properties']) ? manifest.input['properties'] : {}
  if (!isRecord(example.input)) return example
  const input: Record<string, unknown> = { ...example.input }
  for (const [field, schema] of Object.entries(properties)) {
    const value = input[field]
    if (!isRecord(schema) || schema['format'] !== 'bureau-file' || typeof value !== 'string' || !value.startsWith('./'))
      continue
    const content = source.get(value.slice(2))
    if (content === undefined) throw deploymentsErrors.EXAMPLE_FILE_NOT_FOUND({ file: value, example: example.name })
    const text = textOf(content)
    const inline = text ?? Buffer.from(content).toString('base64')
    if (Buffer.byteLength(inline) > MAX_INLINE_FILE_BYTES)
      throw deploymentsErrors.SOURCE_INVALID({
        problem:
          text === null
            ? `${value} has ${content.byteLength} bytes; a file of an example that is not text may have ${(MAX_INLINE_FILE_BYTES / 4) * 3}.`
            : `${value} has ${content.byteLength} bytes; a file of an example may have ${MAX_INLINE_FILE_BYTES}.`,
      })
    input[field] = text ?? { $base64: inline, name: posix.basename(value), type: mediaTypeOf(value) }
  }
  return { name: example.name, input }
}

/** Null for what is no UTF-8, or what no text has in it. */
function textOf(content: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content)
    return text.includes('\u0000') ? null : text
  } catch {
    return null // not UTF-8
  }
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.pdf': 'application/pdf',
  '.zip': 'application/zip',
  '.gz': 'application/gzip',
  '.wav': 'audio/wav',
  '.mp3': 'audio/mpeg',
  '.ogg': 'audio/ogg',
  '.mp4': 'video/mp4',
  '.parquet': 'application/vnd.apache.parquet',
  '.xlsx': 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  '.docx': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
}

const mediaTypeOf = (path: string): string =>
  MEDIA_TYPES[posix.extname(path).toLowerCase()] ?? 'application/octet-stream'

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
