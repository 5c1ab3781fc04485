import { creditWords } from './credits.ts'
import { sizeWords } from './size-words.ts'

/** One difference between two versions, as the API tells it; all of its texts are the creator's. */
export type VersionChange = {
  readonly what: 'code' | 'input' | 'output' | 'price' | 'host' | 'secret' | 'limit'
  readonly name: string
  readonly from: string | null
  readonly to: string | null
}

/** What a change means to who runs the agent; nothing for one that no words are needed for. */
export function changeWords(change: VersionChange): string[] {
  const { what, name, from, to } = change
  switch (what) {
    case 'price':
      return [`${priceName(name)}: ${amount(from)} → ${amount(to)}`]
    case 'host':
      return [to === null ? `Does not reach ${name} any more` : `New host: ${name}`]
    case 'secret':
      if (from === null) return [`New secret: ${name}, sent ${to ?? ''}`]
      return [to === null ? `Does not want the secret ${name} any more` : `Secret ${name}: sent ${from} → ${to}`]
    case 'input':
    case 'output':
      return [`${what === 'input' ? 'Input' : 'Output'}${name === '' ? '' : ` ${name}`}: ${passage(from, to)}`]
    case 'limit':
      return [`At most, ${name}: ${passage(from, to)}`]
    case 'code':
      return ['Other code']
  }
}

const amount = (credits: string | null): string => (credits === null ? 'none' : creditWords(credits))

function priceName(name: string): string {
  if (name === 'run') return 'Price of a run'
  return name === 'max' ? 'Most that a run costs' : `Price of ${name}`
}

function passage(from: string | null, to: string | null): string {
  if (from === null) return `new, ${to ?? ''}`
  return to === null ? 'gone' : `${from} → ${to}`
}

/** A version's code by its size and the beginning of its hash. */
export function sizedCode({ sizeBytes, sha256 }: { readonly sizeBytes?: number; readonly sha256?: string }): string {
  return [
    ...(sizeBytes === undefined ? [] : [`code of ${sizeWords(sizeBytes)}`]),
    ...(sha256 === undefined ? [] : [`SHA-256 ${sha256.slice(0, 12)}…`]),
  ].join(', ')
}
