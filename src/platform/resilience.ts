import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  ExponentialBackoff,
  IsolatedCircuitError,
  TaskCancelledError,
  TimeoutStrategy,
  circuitBreaker,
  handleWhen,
  retry,
  timeout,
  wrap,
} from 'cockatiel'
import type { Logger } from './logger.ts'

export type ResilienceOptions = {
  /** The dependency's name, in every log line. */
  readonly name: string
  /** Tries in all, the first included. */
  readonly attempts: number
  readonly firstDelayMs: number
  readonly maxDelayMs: number
  /** Deadline of one try. */
  readonly timeoutMs: number
  /** Faults in a row, each a try, after which the dependency is left alone. */
  readonly breakerFailures: number
  /** How long it is left alone before one call tries again. */
  readonly breakerResetMs: number
  /** Is this a fault of the dependency, which may pass? What is not (a missing key) is thrown at once and does not count. */
  readonly isTransient: (error: unknown) => boolean
}

/** Guards the calls to one dependency. Made once per dependency, so that the breaker knows all of its faults. */
export type Resilience = {
  /** Runs the operation with deadline, retries and breaker. `operation` must honour the signal and be repeatable.
   * @throws whatever the last try threw; see {@link isRefusedByBreaker} and {@link isTimeout} for our own */
  run<T>(operation: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** True while calls are refused without being tried. */
  readonly isOpen: boolean
}

/** Retry with exponential backoff and decorrelated jitter around a circuit breaker around a deadline. The breaker is
 * inside the retries, so that a retry does not hammer a dependency that has just been given up. */
export function createResilience(deps: { readonly log: Logger }, options: ResilienceOptions): Resilience {
  const { log } = deps
  const isFault = (error: unknown): boolean =>
    isTimeout(error) || (!isRefusedByBreaker(error) && options.isTransient(error))
  const deadline = timeout(options.timeoutMs, TimeoutStrategy.Aggressive)
  const breaker = circuitBreaker(handleWhen(isFault), {
    halfOpenAfter: options.breakerResetMs,
    breaker: new ConsecutiveBreaker(options.breakerFailures),
  })
  const retries = retry(handleWhen(isFault), {
    maxAttempts: options.attempts - 1,
    backoff: new ExponentialBackoff({ initialDelay: options.firstDelayMs, maxDelay: options.maxDelayMs }),
  })
  retries.onRetry((event) =>
    log.warn({ dependency: options.name, delayMs: Math.round(event.delay) }, 'call is retried'),
  )
  breaker.onBreak(() => log.error({ dependency: options.name, resetMs: options.breakerResetMs }, 'circuit opened'))
  breaker.onReset(() => log.info({ dependency: options.name }, 'circuit closed'))
  const policy = wrap(retries, breaker, deadline)
  return {
    run: (operation) => policy.execute(({ signal }) => operation(signal)),
    get isOpen() {
      return breaker.state === CircuitState.Open || breaker.state === CircuitState.Isolated
    },
  }
}

/** The call was not tried, because the dependency has just failed several times in a row. */
export const isRefusedByBreaker = (error: unknown): boolean =>
  error instanceof BrokenCircuitError || error instanceof IsolatedCircuitError

/** One try took longer than its deadline. */
export const isTimeout = (error: unknown): boolean => error instanceof TaskCancelledError
