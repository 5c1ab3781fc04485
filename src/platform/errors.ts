import { randomUUID } from 'node:crypto'

/** May the same request succeed if it is sent again? `never`: not unchanged. `later`: after a while. `now`: at once. */
export type Retry = 'never' | 'later' | 'now'

/** What a coded error says, declared once beside its domain with {@link defineErrors}. */
export type ErrorSpec = {
  /** HTTP status with which the error leaves the house. */
  readonly status: number
  readonly retry: Retry
  /** One short sentence, the same for every occurrence. */
  readonly title: string
  /** What the reader can do about it; `{name}` is replaced by the detail of that name. */
  readonly fix: string
}

/** Facts about one occurrence. They are shown to the caller, so never a secret and never a whole row. */
export type ErrorDetails = Readonly<Record<string, unknown>>

/** The specification's error class: every failure that a caller may see is one, with a stable code. */
export class EnhancedAppError extends Error {
  readonly code: string
  readonly spec: ErrorSpec
  readonly details: ErrorDetails

  constructor(code: string, spec: ErrorSpec, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(spec.title, options)
    this.name = 'EnhancedAppError'
    this.code = code
    this.spec = spec
    this.details = details
  }

  get status(): number {
    return this.spec.status
  }

  get retry(): Retry {
    return this.spec.retry
  }

  /** The `fix` sentence with this occurrence's details filled in. */
  get fix(): string {
    return this.spec.fix.replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
      name in this.details ? String(this.details[name]) : whole,
    )
  }
}

/** Makes one occurrence of a declared error. */
export type ErrorFactory = (details?: ErrorDetails, options?: ErrorOptions) => EnhancedAppError

const catalogue = new Map<string, ErrorSpec>()

/** Declares a domain's errors. Codes are for life and unique over all domains.
 * @returns a factory per code: `throw runsErrors.RUN_NOT_FOUND({ runId }, { cause })`
 * @throws Error if a code is declared twice or is not SCREAMING_SNAKE */
export function defineErrors<const T extends Readonly<Record<string, ErrorSpec>>>(
  specs: T,
): { readonly [K in keyof T]: ErrorFactory }
// An overload instead of a cast: the loop writes exactly the keys of `specs`, which the compiler cannot see.
export function defineErrors(specs: Readonly<Record<string, ErrorSpec>>): Readonly<Record<string, ErrorFactory>> {
  const factories: Record<string, ErrorFactory> = {}
  for (const [code, spec] of Object.entries(specs)) {
    if (!/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(code)) throw new Error(`error code ${code} is not SCREAMING_SNAKE`)
    if (catalogue.has(code)) throw new Error(`error code ${code} is declared twice`)
    catalogue.set(code, spec)
    factories[code] = (details, options) => new EnhancedAppError(code, spec, details, options)
  }
  return Object.freeze(factories)
}

/** Every error declared by the modules loaded so far, by code. `docs/errors.md` is generated from it. */
export function errorCatalogue(): ReadonlyMap<string, ErrorSpec> {
  return catalogue
}

export const platformErrors = defineErrors({
  INTERNAL: {
    status: 500,
    retry: 'later',
    title: 'Something went wrong on this site',
    fix: 'Try again. If it goes on, send the operator the request id.',
  },
  DEPENDENCY_UNAVAILABLE: {
    status: 503,
    retry: 'later',
    title: 'A service this site depends on does not answer',
    fix: 'Try again in a few seconds. Nothing was charged.',
  },
})

/** Turns anything thrown into an {@link EnhancedAppError}: coded errors pass, also from inside what a library wrapped
 * around them; the rest becomes `INTERNAL` with its cause kept for the log. The only place that decides so, for HTTP, jobs and sockets alike. */
export function handleEnhancedApiError(error: unknown, context: Record<string, unknown> = {}): EnhancedAppError {
  const coded = codedCauseOf(error, MAX_WRAPPINGS)
  return coded ?? platformErrors.INTERNAL({ ...context, errorId: randomUUID() }, { cause: error })
}

/** Deeper than any library wraps; a chain of causes may be a circle. */
const MAX_WRAPPINGS = 8

function codedCauseOf(error: unknown, left: number): EnhancedAppError | null {
  if (error instanceof EnhancedAppError) return error
  return error instanceof Error && left > 0 ? codedCauseOf(error.cause, left - 1) : null
}

/** Runs an operation so that whatever it throws leaves as a coded error (the specification's wrapper).
 * @param context named facts for the log and the answer; no secrets
 * @throws EnhancedAppError always, whatever `operation` threw */
export async function withEnhancedErrorHandling<T>(
  operation: () => Promise<T>,
  context?: Record<string, unknown>,
): Promise<T> {
  try {
    return await operation()
  } catch (error) {
    throw handleEnhancedApiError(error, context)
  }
}
