import { defineErrors } from '../platform/errors.ts'

/** Refusals before admission: nothing is stored, nothing is held. */
export const runsErrors = defineErrors({
  INSUFFICIENT_CREDITS: {
    status: 402,
    retry: 'never',
    title: 'Not enough credits',
    fix: 'This run sets aside {needed} credits and {available} are available. Get more credits, or set Bureau-Max-Charge to {available} or less.',
  },
  MAX_CHARGE_TOO_LOW: {
    status: 422,
    retry: 'never',
    title: 'The maximal charge does not cover the price of the run',
    fix: 'Set Bureau-Max-Charge to at least {minimum} credits, or leave it out. Nothing was run.',
  },
  MAX_CHARGE_INVALID: {
    status: 400,
    retry: 'never',
    title: 'Bureau-Max-Charge is not an amount of credits',
    fix: 'Send a decimal number of credits with at most 6 places, for example 2.5.',
  },
  IDEMPOTENCY_KEY_INVALID: {
    status: 400,
    retry: 'never',
    title: 'The Idempotency-Key is not usable',
    fix: 'Send 1 to 255 printable ASCII characters, for example a UUID.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 422,
    retry: 'never',
    title: 'This Idempotency-Key was used for another request',
    fix: 'Use a new key for a new request. A repeated request must have the same agent, version, body and maximal charge.',
  },
  ISOLATION_TOO_WEAK: {
    status: 503,
    retry: 'never',
    title: 'This site cannot isolate agents well enough to run this one',
    fix: 'The operator can mend it with: {mend}',
  },
  ISOLATION_INVALID: {
    status: 400,
    retry: 'never',
    title: 'Bureau-Isolation is not known',
    fix: 'Leave it out, or send "run" for a sandbox of this run alone.',
  },
  TRIALS_USED_UP: {
    status: 429,
    retry: 'later',
    title: 'The free runs of today are used up',
    fix: 'Register to go on; what you typed is kept. Free runs begin anew at {resetsAt}.',
  },
  TRIAL_WITHOUT_FILES: {
    status: 401,
    retry: 'never',
    title: 'Files are taken from people who are signed in',
    fix: 'Register to send files; what you typed is kept. As a guest, put a small text in the field itself.',
  },
  RUN_NOT_FOUND: {
    status: 404,
    retry: 'never',
    title: 'There is no such run',
    fix: 'Check the id. A run is seen only by the account that paid for it.',
  },
  KEY_CAP_REACHED: {
    status: 402,
    retry: 'never',
    title: 'The monthly cap of this API key is used up',
    fix: 'It may spend {cap} credits a month, has spent or set aside {spent}, and this run needs {needed}. Use another key, or wait for the first of the month.',
  },
  RUN_NOT_ENDED: {
    status: 409,
    retry: 'later',
    title: 'The run is still going',
    fix: 'Wait for its end, or cancel it first.',
  },
  RUN_CONTENT_DELETED: {
    status: 410,
    retry: 'never',
    title: 'What the run took and gave is no longer kept',
    fix: 'Its input and output were deleted {deletedAt}. What it cost and how it ended is in GET /api/runs/{runId}. Run it again under another key.',
  },
  RETAIN_INVALID: {
    status: 400,
    retry: 'never',
    title: 'Bureau-Retain cannot be read',
    fix: 'Send a number with m, h or d, such as 30m, 12h or 7d.',
  },
  RUN_ALREADY_ENDED: {
    status: 409,
    retry: 'never',
    title: 'The run is over',
    fix: 'Nothing is left to stop. Read its result at /api/runs/{runId}.',
  },
  EVENT_ID_INVALID: {
    status: 400,
    retry: 'never',
    title: 'The run has no event of this number',
    fix: 'Send the id of the last event that you saw of this very run, or none for all of them.',
  },
  ARTIFACT_NOT_FOUND: {
    status: 404,
    retry: 'never',
    title: 'The run has no such artifact',
    fix: 'GET /api/runs/:id names those it has. They are kept for some days.',
  },
  ARTIFACT_NOT_PAID: {
    status: 402,
    retry: 'never',
    title: 'Artifacts are given out once their run is paid',
    fix: 'The run is {status}. Nothing is charged for a run that does not succeed, and its artifacts are not given out.',
  },
  RANGE_NOT_SATISFIABLE: {
    status: 416,
    retry: 'never',
    title: 'The range lies outside the file',
    fix: 'It has {sizeBytes} bytes.',
  },
  RUN_INPUT_GONE: {
    status: 410,
    retry: 'never',
    title: 'The input of the run is no longer kept',
    fix: 'Send the input again to the agent itself.',
  },
  ACCOUNT_NOT_FUNDED: {
    status: 402,
    retry: 'never',
    title: 'This account has no ledger',
    fix: 'Ask the operator: the account was not set up to hold credits.',
  },
  TOO_MANY_STREAMS: {
    status: 429,
    retry: 'later',
    title: 'Too many streams of events are open',
    fix: 'At most {limit} are open at a time for each {per}. Close some, or ask GET /api/runs/:id instead; a run goes on without a stream.',
  },
  RUN_QUEUE_FULL: {
    status: 503,
    retry: 'later',
    title: 'This site has more runs waiting to be admitted than it can take',
    fix: 'Try again in a few seconds, with the same Idempotency-Key. Nothing was charged.',
  },
  ACCOUNT_BUSY: {
    status: 503,
    retry: 'later',
    title: 'The credits of this account are locked by another operation',
    fix: 'Try again in a few seconds, with the same Idempotency-Key. Nothing was charged.',
  },
  CALLER_GONE: {
    status: 499,
    retry: 'now',
    title: 'The connection was closed before the run began',
    fix: 'Send it again. Nothing was run and nothing charged.',
  },
  UPLOAD_NOT_FOUND: {
    status: 404,
    retry: 'never',
    title: 'There is no such upload',
    fix: 'Upload the file again (POST /api/uploads) and name the new id. An upload is seen by its own account only, until it expires.',
  },
  UPLOAD_INVALID: {
    status: 422,
    retry: 'never',
    title: 'The upload is not one file',
    fix: 'Send multipart/form-data with exactly one file part. {problem}',
  },
  UPLOAD_TOO_LARGE: {
    status: 413,
    retry: 'never',
    title: 'The file is larger than this site takes',
    fix: 'Send at most {maxBytes} bytes.',
  },
  UPLOAD_QUOTA_EXCEEDED: {
    status: 413,
    retry: 'later',
    title: "The account's files take all the space it has",
    fix: 'All files of an account may take {quotaBytes} bytes. Remove some (GET and DELETE /api/uploads), or wait until they expire.',
  },
  UPLOAD_INCOMPLETE: {
    status: 400,
    retry: 'now',
    title: 'The file did not arrive whole',
    fix: 'Send it again. Nothing of it was kept.',
  },
  INPUT_URL_FAILED: {
    status: 422,
    retry: 'later',
    title: 'A file of the input could not be fetched from its address',
    fix: '{problem}',
  },
  INPUT_PART_INVALID: {
    status: 422,
    retry: 'never',
    title: 'A part of the multipart request does not fit the input',
    fix: '{problem}',
  },
})

/** Failures after admission, stored with the run and answered again under its key. The caller pays nothing. */
export const runFailures = defineErrors({
  AGENT_THREW: {
    status: 502,
    retry: 'never',
    title: 'The agent failed',
    fix: 'Read the message. If your input looks right, tell the creator the run id. Nothing was charged.',
  },
  AGENT_EXITED: {
    status: 502,
    retry: 'never',
    title: 'The agent ended its process before it answered',
    fix: 'Tell the creator the run id. Nothing was charged.',
  },
  AGENT_NEVER_SETTLED: {
    status: 502,
    retry: 'never',
    title: 'The agent waits for something that never comes',
    fix: 'Tell the creator the run id. Nothing was charged.',
  },
  AGENT_NOT_LOADABLE: {
    status: 502,
    retry: 'never',
    title: 'The code of the agent does not load',
    fix: 'Tell the creator the run id. Nothing was charged.',
  },
  AGENT_INPUT_REJECTED: {
    status: 422,
    retry: 'never',
    title: 'The agent does not accept this input',
    fix: 'Mend the fields named in "issues". Nothing was charged.',
  },
  AGENT_OUTPUT_INVALID: {
    status: 502,
    retry: 'never',
    title: 'The agent answered what its own output schema forbids',
    fix: 'Tell the creator the run id. Nothing was charged.',
  },
  AGENT_PROTOCOL_VIOLATION: {
    status: 502,
    retry: 'never',
    title: 'The agent broke the rules of its sandbox',
    fix: 'Tell the creator the run id. Nothing was charged.',
  },
  RUN_OUT_OF_MEMORY: {
    status: 502,
    retry: 'never',
    title: 'The agent used more memory than it may',
    fix: 'Try a smaller input, or tell the creator the run id. Nothing was charged.',
  },
  RUN_CPU_EXCEEDED: {
    status: 502,
    retry: 'never',
    title: 'The agent used more processor time than it may',
    fix: 'Try a smaller input, or tell the creator the run id. Nothing was charged.',
  },
  RUN_OUTPUT_TOO_LARGE: {
    status: 502,
    retry: 'never',
    title: 'The agent answered more than it may',
    fix: 'Try a smaller input, or tell the creator the run id. Nothing was charged.',
  },
  EGRESS_LIMIT: {
    status: 502,
    retry: 'never',
    title: 'The agent used the network more than it may',
    fix: 'Try a smaller input, or tell the creator the run id. Nothing was charged.',
  },
  RUN_TIMED_OUT: {
    status: 504,
    retry: 'never',
    title: 'The agent did not answer in time',
    fix: 'Try a smaller input, or tell the creator the run id. Nothing was charged.',
  },
  RUN_CANCELED: {
    status: 409,
    retry: 'never',
    title: 'The run was stopped',
    fix: 'Run it again if you still need it. What it had delivered until then was charged, and nothing where that was nothing.',
  },
  RUN_LOST: {
    status: 503,
    retry: 'now',
    title: 'The process that executed the run died',
    fix: 'Run it again with a new Idempotency-Key. Nothing was charged.',
  },
  AGENT_UNAVAILABLE: {
    status: 409,
    retry: 'never',
    title: 'The agent may no longer be run',
    fix: 'It was taken offline while the run waited. Nothing was charged.',
  },
  INPUT_GONE: {
    status: 410,
    retry: 'never',
    title: 'A file of the input is no longer kept',
    fix: 'Send the input again. Nothing was charged.',
  },
  EGRESS_DENIED: {
    status: 502,
    retry: 'never',
    title: 'The agent asked for the network, which it may not use',
    fix: 'Tell the creator the run id: the host has to stand in the manifest. Nothing was charged.',
  },
  CAP_REACHED: {
    status: 402,
    retry: 'never',
    title: 'The agent needed to charge more than was set aside',
    fix: 'Raise or leave out Bureau-Max-Charge, or use a smaller input. Nothing was charged.',
  },
  NOT_SUPPORTED: {
    status: 502,
    retry: 'never',
    title: 'The agent asked for something this site does not offer',
    fix: 'Tell the creator the run id; the message names what was asked for. Nothing was charged.',
  },
  SANDBOX_FAILED: {
    status: 503,
    retry: 'now',
    title: 'This site could not start the sandbox',
    fix: 'Run it again with a new Idempotency-Key. Nothing was charged.',
  },
})

/** A failure code that a run's row may hold. */
export type RunFailureCode = keyof typeof runFailures
