import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** zod as one script (scripts/generate-zod-runtime.ts). Every blank has evaluated it before it is leased. */
export const ZOD_RUNTIME_FILE = fileURLToPath(new URL('./guest/zod-runtime.js', import.meta.url))

export type ZodRuntime = {
  readonly source: string
  /** The name under which the script puts zod: `Symbol.for(key)` of the global object. It holds the script's hash. */
  readonly key: string
}

export function readZodRuntime(): ZodRuntime {
  const source = readFileSync(ZOD_RUNTIME_FILE, 'utf8')
  const key = /^globalThis\[Symbol\.for\("([^"]+)"\)\]/.exec(source)?.[1]
  if (key === undefined) throw new Error(`${ZOD_RUNTIME_FILE} does not say where it puts zod`)
  return { source, key }
}
