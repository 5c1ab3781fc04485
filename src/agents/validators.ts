import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import { RE2JS } from 're2js'
import { z } from 'zod'
import { agentsErrors } from './agents.errors.ts'
import type { JsonSchema } from './agents.schema.ts'

export type FieldProblem = {
  /** JSON Pointer, `/` for the whole. */
  readonly path: string
  readonly message: string
}

export type SchemaValidator = (value: unknown, fileKeys?: ReadonlySet<string>) => FieldProblem[] | null

const MAX_PROBLEMS = 20
/** A file input that stands in the JSON itself, as text or as base64; larger ones come as multipart or by upload. */
export const MAX_INLINE_FILE_BYTES = 262_144
/** A linear engine is still slow on long subjects: these are left to the agent's own schema, inside its limits. */
const MAX_PATTERN_CHARS = 1_000
const MAX_SUBJECT_CHARS = 20_000
const MAX_SCHEMA_CHARS = 200_000
/** Below so many values all problems are looked for, above it the first one only: a million bad items would become a
 * million error objects. */
const ALL_PROBLEMS_BELOW_VALUES = 2_000

/** Compiles a stranger's JSON Schema (2020-12) into a check that a stranger's value cannot stall: patterns run on RE2,
 * which is linear; patterns that RE2 does not know, formats and `uniqueItems` are left to the agent's own zod, which
 * runs in the sandbox. A file input is a string, or a reference to a file that came with the request.
 * @param which `input` or `output`, for the error   @throws AGENT_SCHEMA_INVALID */
export function compileSchema(schema: JsonSchema | null, which: 'input' | 'output'): SchemaValidator {
  if (schema === null) return () => null
  const refuse = (problem: string, cause?: unknown) =>
    agentsErrors.AGENT_SCHEMA_INVALID({ schema: which, problem }, { cause })
  if (JSON.stringify(schema).length > MAX_SCHEMA_CHARS) throw refuse(`it is longer than ${MAX_SCHEMA_CHARS} characters`)
  const guarded = guardSchema(schema, 0, refuse)
  const fileKeys: { current: ReadonlySet<string> | undefined } = { current: undefined }
  const first = compile(guarded, { allErrors: false }, fileKeys, refuse)
  let all: ValidateFunction | undefined
  return (value, keys) => {
    fileKeys.current = keys
    if (first(value)) return null
    if (!hasFewerValuesThan(value, ALL_PROBLEMS_BELOW_VALUES)) return problemsOf(first.errors)
    all ??= compile(guarded, { allErrors: true }, fileKeys, refuse)
    all(value)
    return problemsOf(all.errors)
  }
}

type Refuse = (problem: string, cause?: unknown) => Error

function compile(
  schema: JsonSchema,
  options: { readonly allErrors: boolean },
  fileKeys: { readonly current: ReadonlySet<string> | undefined },
  refuse: Refuse,
): ValidateFunction {
  // An instance a schema: two strangers may use one $id.
  const ajv = new Ajv2020({
    ...options,
    strict: false,
    logger: false,
    validateFormats: false,
    addUsedSchema: false,
    code: { regExp: linearRegExp },
  })
  ajv.addKeyword({
    keyword: 'bureauFile',
    errors: true,
    validate: (_: unknown, value: unknown) => isFileInput(value, fileKeys.current),
    error: {
      message:
        'must be the text of a file or its bytes as {"$base64": …} (at most 256 kB), or a file sent as multipart or uploaded before',
    },
  })
  try {
    return ajv.compile(schema)
  } catch (error) {
    throw refuse(error instanceof Error ? error.message.slice(0, 300) : 'it does not compile', error)
  }
}

function isFileInput(value: unknown, fileKeys: ReadonlySet<string> | undefined): boolean {
  if (typeof value === 'string') return Buffer.byteLength(value) <= MAX_INLINE_FILE_BYTES
  if (typeof value !== 'object' || value === null) return false
  if ('$base64' in value) return isInlineBytes(value)
  if (!('$file' in value)) return false
  return typeof value.$file === 'string' && (fileKeys === undefined || fileKeys.has(value.$file))
}

const inlineBytes = z.strictObject({
  $base64: z.base64().max(MAX_INLINE_FILE_BYTES),
  name: z.string().min(1).max(200).optional(),
  type: z.string().min(1).max(200).optional(),
})
const isInlineBytes = (value: object): boolean => inlineBytes.safeParse(value).success

/** The schema with its file inputs turned into our keyword, and without what a host must not run. */
function guardSchema(schema: JsonSchema, depth: number, refuse: Refuse): JsonSchema {
  if (typeof schema === 'boolean') return schema
  const guarded = guardValue(schema, depth, refuse)
  return isRecord(guarded) ? guarded : true
}

function guardValue(value: unknown, depth: number, refuse: Refuse): unknown {
  if (depth > 64) throw refuse('it is nested more than 64 deep')
  if (Array.isArray(value)) return value.map((each) => guardValue(each, depth + 1, refuse))
  if (!isRecord(value)) return value
  if (value['format'] === 'bureau-file') return { bureauFile: true }
  if (value['$async'] !== undefined) throw refuse('"$async" is not allowed')
  const ref = value['$ref'] ?? value['$dynamicRef']
  if (typeof ref === 'string' && !ref.startsWith('#'))
    throw refuse(`"$ref" may only point inside the schema, not to ${ref.slice(0, 100)}`)
  const guarded: Record<string, unknown> = {}
  for (const [name, part] of Object.entries(value)) {
    // Comparing all items with each other is quadratic.
    if ((name === 'uniqueItems' && typeof part === 'boolean') || (name === '$schema' && typeof part === 'string'))
      continue
    Object.defineProperty(guarded, name, {
      value: guardValue(part, depth + 1, refuse),
      enumerable: true,
      configurable: true,
      writable: true, // a property named __proto__ stays a property
    })
  }
  return guarded
}

const linearRegExp = Object.assign(
  (pattern: string): { test: (text: string) => boolean; toString: () => string } => {
    const matcher = compileLinear(pattern)
    return {
      test: (text) => matcher === null || text.length > MAX_SUBJECT_CHARS || matcher.test(text),
      // Ajv shares compiled patterns by this text: without it the first pattern would stand for all.
      toString: () => pattern,
    }
  },
  { code: 'linearRegExp' },
)

/** Null for what RE2 does not know (look-around, back-references): the agent's own schema checks it. */
function compileLinear(pattern: string): RE2JS | null {
  if (pattern.length > MAX_PATTERN_CHARS) return null
  try {
    return RE2JS.compile(RE2JS.translateRegExp(pattern))
  } catch {
    return null // a syntax error of RE2: see above
  }
}

function problemsOf(errors: readonly ErrorObject[] | null | undefined): FieldProblem[] {
  return (errors ?? []).slice(0, MAX_PROBLEMS).map((error) => ({
    path: (pathOf(error) || '/').slice(0, 500),
    message: messageOf(error).slice(0, 500),
  }))
}

function pathOf(error: ErrorObject): string {
  const missing: unknown = error.params['missingProperty'] ?? error.params['additionalProperty']
  return typeof missing === 'string' ? `${error.instancePath}/${missing}` : error.instancePath
}

function messageOf(error: ErrorObject): string {
  if (error.keyword === 'required') return 'is required'
  if (error.keyword === 'additionalProperties') return 'is not a field of this agent'
  if (error.keyword === 'enum') return `must be one of ${JSON.stringify(error.params['allowedValues'])}`
  return error.message ?? 'is not valid'
}

function hasFewerValuesThan(value: unknown, most: number): boolean {
  let left = most
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    left -= 1
    if (left <= 0 || open.length > most) return false
    if (Array.isArray(next)) {
      if (next.length > left) return false
      open.push(...next)
    } else if (isRecord(next)) {
      const values = Object.values(next)
      if (values.length > left) return false
      open.push(...values)
    }
  }
  return true
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
