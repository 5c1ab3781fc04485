import { isRecord } from './is-record.ts'

type Common = {
  readonly name: string
  readonly label: string
  readonly help: string | null
  readonly isRequired: boolean
  /** What the agent takes where the field is left out; shown, not sent. */
  readonly fallback: string | null
}

export type Choice = { readonly raw: string; readonly label: string }

/** A field of an agent's form. `json` is what no simpler field can hold: it is typed as JSON and nothing of it is lost. */
export type Field = Common &
  (
    | {
        readonly kind: 'text'
        readonly isLong: boolean
        readonly inputType: 'text' | 'email' | 'url'
        readonly minLength: number | null
        readonly maxLength: number | null
      }
    | { readonly kind: 'secret'; readonly minLength: number | null; readonly maxLength: number | null }
    | { readonly kind: 'number'; readonly isWhole: boolean; readonly min: number | null; readonly max: number | null }
    | { readonly kind: 'boolean' }
    | { readonly kind: 'choice'; readonly choices: readonly Choice[] }
    | {
        readonly kind: 'list'
        readonly of: 'text' | 'number'
        readonly choices: readonly Choice[]
        readonly minItems: number | null
        readonly maxItems: number | null
      }
    | { readonly kind: 'date'; readonly inputType: 'date' | 'datetime-local' | 'time' }
    | { readonly kind: 'file'; readonly accept: readonly string[]; readonly maxBytes: number | null }
    | { readonly kind: 'json' }
  )

export type FormShape = {
  readonly fields: readonly Field[]
  /** No field can stand for this schema (it is no object with named members): the input is typed as JSON. */
  readonly isJsonOnly: boolean
}

/** The fields of an input schema, as the agent's own zod wrote it. It is a stranger's text: whatever it says that is
 * not understood becomes a `json` field, never a fault. */
export function fieldsOf(schema: unknown): FormShape {
  if (!isRecord(schema) || !isRecord(schema['properties'])) return { fields: [], isJsonOnly: true }
  if (schema['oneOf'] !== undefined || schema['anyOf'] !== undefined || schema['allOf'] !== undefined)
    return { fields: [], isJsonOnly: true }
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : [])
  const definitions = isRecord(schema['$defs']) ? schema['$defs'] : {}
  const fields = Object.entries(schema['properties']).map(([name, part]) =>
    fieldOf(name, resolve(part, definitions), required.has(name)),
  )
  return { fields, isJsonOnly: fields.length === 0 }
}

function resolve(part: unknown, definitions: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (!isRecord(part)) return {}
  const ref = part['$ref']
  if (typeof ref !== 'string') return part
  const target = definitions[ref.replace(/^#\/\$defs\//, '')]
  return isRecord(target) && target['$ref'] === undefined ? { ...target, ...part } : {}
}

function fieldOf(name: string, part: Readonly<Record<string, unknown>>, isRequired: boolean): Field {
  const common: Common = {
    name,
    label: textOf(part['title']) ?? labelOf(name),
    help: textOf(part['description']),
    isRequired: isRequired && part['default'] === undefined,
    fallback: part['default'] === undefined ? null : rawWords(part['default']),
  }
  const choices = choicesOf(part)
  if (choices !== null) return { ...common, kind: 'choice', choices }
  switch (part['type']) {
    case 'string':
      return { ...common, ...textField(part) }
    case 'number':
    case 'integer':
      return {
        ...common,
        kind: 'number',
        isWhole: part['type'] === 'integer',
        min: bound(part['minimum'], -Number.MAX_SAFE_INTEGER),
        max: bound(part['maximum'], Number.MAX_SAFE_INTEGER),
      }
    case 'boolean':
      return { ...common, kind: 'boolean' }
    case 'array':
      return { ...common, ...listField(part) }
    default:
      return { ...common, kind: 'json' }
  }
}

type Rest<F> = F extends Field ? Omit<F, keyof Common> : never

function textField(part: Readonly<Record<string, unknown>>): Rest<Field> {
  const minLength = countOf(part['minLength'])
  const maxLength = countOf(part['maxLength'])
  switch (part['format']) {
    case 'bureau-file':
      return { kind: 'file', accept: textsOf(part['x-accept']), maxBytes: countOf(part['x-max-bytes']) }
    case 'password':
      return { kind: 'secret', minLength, maxLength }
    case 'date':
      return { kind: 'date', inputType: 'date' }
    case 'date-time':
      return { kind: 'date', inputType: 'datetime-local' }
    case 'email':
      return { kind: 'text', isLong: false, inputType: 'email', minLength, maxLength }
    case 'uri':
    case 'url':
      return { kind: 'text', isLong: false, inputType: 'url', minLength, maxLength }
    default:
      if (part['writeOnly'] === true) return { kind: 'secret', minLength, maxLength }
      // A text without a bound, or with a high one, gets the room of a text.
      return { kind: 'text', isLong: maxLength === null || maxLength > 200, inputType: 'text', minLength, maxLength }
  }
}

function listField(part: Readonly<Record<string, unknown>>): Rest<Field> {
  const items = isRecord(part['items']) ? part['items'] : {}
  const bounds = { minItems: countOf(part['minItems']), maxItems: countOf(part['maxItems']) }
  const choices = choicesOf(items)
  if (choices !== null && items['type'] === 'string') return { kind: 'list', of: 'text', choices, ...bounds }
  if (items['format'] === 'bureau-file') return { kind: 'json' }
  if (items['type'] === 'string') return { kind: 'list', of: 'text', choices: [], ...bounds }
  if (items['type'] === 'number' || items['type'] === 'integer')
    return { kind: 'list', of: 'number', choices: [], ...bounds }
  return { kind: 'json' }
}

/** Values that can be chosen from, or null. zod writes a union of literals as `anyOf` of `const`s. */
function choicesOf(part: Readonly<Record<string, unknown>>): Choice[] | null {
  const values = Array.isArray(part['enum'])
    ? part['enum']
    : Array.isArray(part['anyOf']) && part['anyOf'].every((each) => isRecord(each) && each['const'] !== undefined)
      ? part['anyOf'].map((each: unknown) => (isRecord(each) ? each['const'] : null))
      : part['const'] !== undefined
        ? [part['const']]
        : null
  if (values === null || values.length === 0 || values.length > 500) return null
  if (values.some((value) => typeof value === 'object' && value !== null)) return null
  return values.map((value: unknown) => ({ raw: JSON.stringify(value), label: choiceWords(value) }))
}

const NAMED: Readonly<Record<string, string>> = {
  '\t': 'Tab',
  ' ': 'Space',
  ',': ', (comma)',
  ';': '; (semicolon)',
  '|': '| (bar)',
  '': '(empty)',
}

const choiceWords = (value: unknown): string =>
  typeof value === 'string' ? (NAMED[value] ?? value) : JSON.stringify(value)
const rawWords = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 60)

/** `maxRows`, `max_rows` and `max-rows` as a label: "Max rows". */
function labelOf(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .trim()
  const lower = words === words.toUpperCase() ? words : words.toLowerCase()
  const label = lower.charAt(0).toUpperCase() + lower.slice(1)
  return ['csv', 'url', 'json', 'id', 'api', 'html', 'pdf', 'xml'].includes(label.toLowerCase())
    ? label.toUpperCase()
    : label
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null)
const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
const countOf = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null)

/** zod writes the bounds of safe integers, which tell a person nothing. */
function bound(value: unknown, idle: number): number | null {
  const given = countOf(value)
  return given === idle ? null : given
}
