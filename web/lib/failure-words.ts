import { amountWords, creditWords, microOf } from './credits.ts'
import type { CanceledBy } from './live-run.ts'
import { missingCredits, type Receipt } from './price-words.ts'
import type { RunProblem } from './run-problem.ts'

export type Whose = 'input' | 'agent' | 'site' | 'account' | 'connection'
export type Mend =
  | 'edit_input'
  | 'run_again'
  | 'get_credits'
  | 'raise_cap'
  | 'sign_in'
  | 'register'
  | 'agree'
  | 'other_agent'
  | 'switch_account'
  | 'reload'

/** The four lines of every failure, and what there is to copy. */
export type FailureWords = {
  readonly what: string
  readonly why: string | null
  readonly whose: string
  readonly cost: string
  readonly next: string
  readonly mend: { readonly kind: Mend; readonly label: string }
  readonly code: string
}

const WHOSE_WORDS = {
  input: 'Your input',
  agent: 'The agent',
  site: 'This site',
  account: 'Your account',
  connection: 'Your connection',
} as const satisfies Record<Whose, string>

const MEND_WORDS = {
  edit_input: 'Change the input',
  run_again: 'Run again',
  get_credits: 'Get credits',
  raise_cap: 'Raise the limit',
  sign_in: 'Sign in',
  register: 'Register',
  agree: 'Look at what changed',
  other_agent: 'Find another agent',
  switch_account: 'Your accounts',
  reload: 'Load the page again',
} as const satisfies Record<Mend, string>

const KNOWN: Readonly<Record<string, readonly [Whose, Mend]>> = {
  INPUT_INVALID: ['input', 'edit_input'],
  INPUT_PART_INVALID: ['input', 'edit_input'],
  AGENT_INPUT_REJECTED: ['input', 'edit_input'],
  BODY_MALFORMED: ['input', 'edit_input'],
  BODY_TOO_LARGE: ['input', 'edit_input'],
  BODY_TOO_DEEP: ['input', 'edit_input'],
  BODY_KEY_FORBIDDEN: ['input', 'edit_input'],
  FILE_NOT_FOUND: ['input', 'edit_input'],
  AGENT_THREW: ['agent', 'edit_input'],
  AGENT_EXITED: ['agent', 'run_again'],
  AGENT_NEVER_SETTLED: ['agent', 'edit_input'],
  AGENT_NOT_LOADABLE: ['agent', 'other_agent'],
  AGENT_OUTPUT_INVALID: ['agent', 'run_again'],
  AGENT_PROTOCOL_VIOLATION: ['agent', 'other_agent'],
  RUN_OUT_OF_MEMORY: ['agent', 'edit_input'],
  RUN_CPU_EXCEEDED: ['agent', 'edit_input'],
  RUN_OUTPUT_TOO_LARGE: ['agent', 'edit_input'],
  RUN_TIMED_OUT: ['agent', 'edit_input'],
  EGRESS_DENIED: ['agent', 'other_agent'],
  EGRESS_LIMIT: ['agent', 'edit_input'],
  NOT_SUPPORTED: ['agent', 'other_agent'],
  AGENT_INACTIVE: ['agent', 'other_agent'],
  AGENT_NOT_FOUND: ['agent', 'other_agent'],
  VERSION_NOT_FOUND: ['agent', 'reload'],
  CAP_REACHED: ['account', 'raise_cap'],
  MAX_CHARGE_TOO_LOW: ['account', 'raise_cap'],
  MAX_CHARGE_INVALID: ['account', 'raise_cap'],
  INSUFFICIENT_CREDITS: ['account', 'get_credits'],
  ACCOUNT_NOT_FUNDED: ['account', 'get_credits'],
  TRIALS_USED_UP: ['account', 'register'],
  TRIAL_WITHOUT_FILES: ['account', 'register'],
  UNAUTHENTICATED: ['account', 'sign_in'],
  SESSION_ENDED: ['account', 'sign_in'],
  CONSENT_REQUIRED: ['account', 'agree'],
  FORBIDDEN: ['account', 'switch_account'],
  RUN_CANCELED: ['account', 'run_again'],
  OFFLINE: ['connection', 'run_again'],
}

/** Whose a failure is. A code that this page does not know is by its status: what we refused is the input's, the rest
 * is ours. A site never says "the agent" of a fault that it cannot place. */
export function placeFailure(code: string, status: number): readonly [Whose, Mend] {
  const known = KNOWN[code]
  if (known !== undefined) return known
  if (status === 401) return ['account', 'sign_in']
  if (status === 400 || status === 413 || status === 415 || status === 422) return ['input', 'edit_input']
  return ['site', 'run_again']
}

/** @param receipt of the run, null where it was refused before one began */
export function failureWords(problem: RunProblem, receipt: Receipt | null): FailureWords {
  const [whose, mend] = placeFailure(problem.code, problem.status)
  return {
    what: problem.title,
    // Said once.
    why: problem.detail === problem.title ? null : (problem.detail ?? missingWords(problem)),
    whose: WHOSE_WORDS[whose],
    cost: costWords(receipt),
    next: PAGE_FIX[problem.code] ?? withoutCost(problem.fix),
    mend: { kind: mend, label: MEND_WORDS[mend] },
    code: problem.code,
  }
}

/** What a balance lacks, in figures. */
function missingWords(problem: RunProblem): string | null {
  if (problem.needed === null || problem.available === null) return null
  const missing = missingCredits(problem.needed, problem.available)
  if (missing === null) return null
  return `${creditWords(missing)} missing: this run sets aside ${amountWords(problem.needed)}, and you have ${amountWords(problem.available)}.`
}

/** Who stopped a run, as far as its reader may know. */
export function stopperWords(by: CanceledBy | null): string {
  if (by === null) return 'This run was stopped.'
  if (by.isYou && by.kind !== 'key') return 'You stopped this run.'
  if (by.kind === 'key')
    return by.name === null ? 'An API key stopped this run.' : `The API key “${by.name}” stopped this run.`
  return by.name === null ? 'Somebody else of this account stopped this run.' : `${by.name} stopped this run.`
}

/** A run that somebody stopped: no failure. What it cost them, and why. */
export function stoppedWords(receipt: Receipt, stage: 'waiting' | 'running'): string {
  if (microOf(receipt.charged) > 0n) return `${costWords(receipt)}, for what it had given out by then.`
  if (microOf(receipt.held) === 0n) return 'It is free, so nothing was charged.'
  return `Nothing was charged: it had ${stage === 'waiting' ? 'not begun' : 'given out nothing yet'}.`
}

function costWords(receipt: Receipt | null): string {
  if (receipt === null || microOf(receipt.charged) === 0n) return 'Nothing was charged'
  if (receipt.paidBy === 'site') return `Nothing for you: this site paid ${creditWords(receipt.charged)}`
  const charged = `${creditWords(receipt.charged)} charged`
  return microOf(receipt.returned) > 0n ? `${charged} (${amountWords(receipt.returned)} returned)` : charged
}

/** The cost has its own line. */
const withoutCost = (fix: string): string => fix.replace(/\s*Nothing was charged\.\s*$/, '')

const GET_CREDITS = 'Get credits and come back: what you filled in is kept.'

/** What to do on a page, where the API's advice names what only a program sends. */
const PAGE_FIX: Readonly<Record<string, string>> = {
  AGENT_INPUT_REJECTED: 'Mend the fields named above.',
  ACCOUNT_NOT_FUNDED: GET_CREDITS,
  INSUFFICIENT_CREDITS: GET_CREDITS,
  FORBIDDEN: 'Act for another account, or ask an owner or an admin of this one for a role that may run agents.',
  CAP_REACHED: 'Raise the limit beside Run, or use a smaller input.',
  RUN_LOST: 'Run it again.',
  SANDBOX_FAILED: 'Run it again.',
  UNAUTHENTICATED: 'Sign in; your input is kept.',
}

/** Words of a code that stands in a run's row, where the answer with its title is long gone. */
export function storedProblem(run: {
  readonly code: string | null
  readonly status: string
  readonly runId: string
  readonly failure: {
    readonly message: string
    readonly issues?: readonly { path: string; message: string }[] | undefined
  } | null
}): RunProblem {
  const code =
    run.code ??
    (run.status === 'timed_out' ? 'RUN_TIMED_OUT' : run.status === 'canceled' ? 'RUN_CANCELED' : 'AGENT_THREW')
  const [title, fix] = STORED[code] ?? [
    'The run failed',
    'Read the message. If your input looks right, tell the creator the run id.',
  ]
  return {
    code,
    title,
    fix,
    retry: 'never',
    status: 502,
    detail: run.failure?.message ?? null,
    requestId: null,
    runId: run.runId,
    issues: run.failure?.issues ?? [],
    retryAfterSeconds: null,
    needed: null,
    available: null,
  }
}

const TELL = 'Tell the creator the run id.'
const SMALLER = 'Try a smaller input, or tell the creator the run id.'

/** Title and advice of what can end a run: the same words as the API's, held together by failure-words.test.ts. */
export const STORED: Readonly<Record<string, readonly [title: string, fix: string]>> = {
  AGENT_THREW: ['The agent failed', 'Read the message. If your input looks right, tell the creator the run id.'],
  AGENT_EXITED: ['The agent ended its process before it answered', TELL],
  AGENT_NEVER_SETTLED: ['The agent waits for something that never comes', TELL],
  AGENT_NOT_LOADABLE: ['The code of the agent does not load', TELL],
  AGENT_INPUT_REJECTED: ['The agent does not accept this input', 'Mend the fields named in "issues".'],
  AGENT_OUTPUT_INVALID: ['The agent answered what its own output schema forbids', TELL],
  AGENT_PROTOCOL_VIOLATION: ['The agent broke the rules of its sandbox', TELL],
  RUN_OUT_OF_MEMORY: ['The agent used more memory than it may', SMALLER],
  RUN_CPU_EXCEEDED: ['The agent used more processor time than it may', SMALLER],
  RUN_OUTPUT_TOO_LARGE: ['The agent answered more than it may', SMALLER],
  EGRESS_LIMIT: ['The agent used the network more than it may', SMALLER],
  RUN_TIMED_OUT: ['The agent did not answer in time', SMALLER],
  RUN_CANCELED: ['The run was stopped', 'Run it again if you still need it.'],
  RUN_LOST: ['The process that executed the run died', 'Run it again with a new Idempotency-Key.'],
  EGRESS_DENIED: [
    'The agent asked for the network, which it may not use',
    'Tell the creator the run id: the host has to stand in the manifest.',
  ],
  CAP_REACHED: [
    'The agent needed to charge more than was set aside',
    'Raise or leave out Bureau-Max-Charge, or use a smaller input.',
  ],
  NOT_SUPPORTED: [
    'The agent asked for something this site does not offer',
    'Tell the creator the run id; the message names what was asked for.',
  ],
  SANDBOX_FAILED: ['This site could not start the sandbox', 'Run it again with a new Idempotency-Key.'],
}
