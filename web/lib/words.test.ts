import { expect, test } from 'vitest'
import { announcementOf } from './announce.ts'
import { SORT_WORDS } from './catalogue-query.ts'
import { creditsOf, creditWords, microOf } from './credits.ts'
import { failureWords, placeFailure, stoppedWords, stopperWords, STORED, storedProblem } from './failure-words.ts'
import { admittedRun, withView } from './live-run.ts'
import {
  capWords,
  cardPriceWords,
  chargeWords,
  priceWords,
  receiptLineWords,
  runningChargeWords,
  stopWords,
  type Receipt,
} from './price-words.ts'
import { readProblem } from './problem.ts'
import { beyondRole, whomToAsk } from './role-words.ts'
import { runProblemOf } from './run-problem.ts'
import { languageWords } from './language-words.ts'
import { hostsWords, settledWords, STATUS_WORDS, successWords, waitingWords } from './run-words.ts'
import { sizeWords } from './size-words.ts'
import { statusLines } from './status-words.ts'
import { ageWords, durationWords, elapsedWords, keptWords, logTimeWords } from './time-words.ts'

const PROFILER = { run: '2', events: { column: '0.1' }, max: '12' }
const FLAT = { run: '1', events: {}, max: '1' }
const FREE = { run: '0', events: {}, max: '0' }
const PER_PAGE = { run: '0', events: { page_read: '0.25' }, max: '5' }
const receipt = {
  held: '5',
  charged: '2.3',
  returned: '2.7',
  lines: [{ what: 'column', count: 3, credits: '0.3' }],
  paidBy: 'account',
} as const
const nothing = { held: '5', charged: '0', returned: '5', lines: [], paidBy: 'account' } as const
const guests = { ...receipt, paidBy: 'site' } as const

test('the words of prices, caps and receipts are these', () => {
  expect(
    [PROFILER, FLAT, FREE, PER_PAGE].map((price) => [priceWords(price), cardPriceWords(price, null), capWords(price)]),
  ).toMatchInlineSnapshot(`
    [
      [
        "2 credits + 0.1 per column, at most 12",
        "up to 12 credits",
        "2 credits + 0.1 per column, at most 12.",
      ],
      [
        "1 credit",
        "1 credit",
        "This run costs 1 credit.",
      ],
      [
        "Free",
        "Free",
        "This run is free.",
      ],
      [
        "0.25 credits per page read, at most 5",
        "up to 5 credits",
        "0.25 credits per page read, at most 5.",
      ],
    ]
  `)
  expect([
    cardPriceWords(PROFILER, '2.3'),
    chargeWords(receipt),
    chargeWords(nothing),
    runningChargeWords('0.8', receipt),
  ]).toMatchInlineSnapshot(`
    [
      "typically 2.3 credits",
      "2.3 credits (2.7 returned)",
      "nothing charged",
      "0.8 of 5 credits charged",
    ]
  `)
  expect(receiptLineWords({ what: 'page_read', count: 3, credits: '0.75' })).toBe('page read × 3')
})

test('the words of states, waiting and ends are these', () => {
  expect(STATUS_WORDS).toMatchInlineSnapshot(`
    {
      "canceled": "Stopped",
      "failed": "Failed",
      "queued": "Waiting",
      "running": "Running",
      "succeeded": "Done",
      "timed_out": "Timed out",
    }
  `)
  expect(SORT_WORDS).toMatchInlineSnapshot(`
    {
      "cheapest": "Cheapest typical run",
      "match": "Best match",
      "new": "New",
      "rating": "Rating",
      "runs": "Most run",
    }
  `)
  expect([
    waitingWords(null),
    waitingWords({ reason: 'caller_limit', place: 2, estimateMs: null }),
    waitingWords({ reason: 'capacity', place: 1, estimateMs: 900 }),
    waitingWords({ reason: 'capacity', place: 12, estimateMs: 12_000 }),
    waitingWords({ reason: 'capacity', place: 23, estimateMs: null }),
  ]).toMatchInlineSnapshot(`
    [
      "Waiting for a place.",
      "Your other runs have to end first.",
      "Next in line: all places are busy. About 0.90 s.",
      "12th in line: all places are busy. About 12 s.",
      "23rd in line: all places are busy.",
    ]
  `)
  expect([
    settledWords({ status: 'succeeded', runMs: 420, receipt }),
    settledWords({ status: 'failed', runMs: 1_240, receipt: nothing }),
    settledWords({ status: 'timed_out', runMs: 30_000, receipt: nothing }),
    settledWords({ status: 'canceled', runMs: null, receipt: nothing }),
  ]).toMatchInlineSnapshot(`
    [
      "Done in 0.42 s, 2.3 credits (2.7 returned)",
      "Failed after 1.2 s, nothing charged",
      "Timed out after 30 s, nothing charged",
      "Stopped, nothing charged",
    ]
  `)
})

test('fewer than twenty runs prove nothing and what failed once is never 100 %', () => {
  expect([
    successWords({ rate: null, runs: 0 }),
    successWords({ rate: 1, runs: 1 }),
    successWords({ rate: 1, runs: 19 }),
    successWords({ rate: 0.9999, runs: 10_000 }),
    successWords({ rate: 0.991, runs: 1_240 }),
    hostsWords(0),
    hostsWords(3),
    ...[30 * 86_400_000, 86_400_000, 43_200_000, 5_400_000, 0].map(keptWords),
  ]).toMatchInlineSnapshot(`
    [
      "new: no runs yet",
      "new: 1 run",
      "new: 19 runs",
      "99.9 % of 10 000",
      "99.1 % of 1 240",
      "no network",
      "3 hosts",
      "kept 30 days",
      "kept 1 day",
      "kept 12 hours",
      "kept 90 minutes",
      "not kept",
    ]
  `)
})

test('durations, ages and sizes are told in what counts', () => {
  expect([0, 7, 420, 999, 3_400, 42_000, 125_000, 3_600_000, 90_000_000].map(durationWords)).toMatchInlineSnapshot(`
    [
      "0 ms",
      "7 ms",
      "0.42 s",
      "1.0 s",
      "3.4 s",
      "42 s",
      "2 min 5 s",
      "1 h",
      "1 d 1 h",
    ]
  `)
  expect([900, 59_000, 61_000].map(elapsedWords)).toMatchInlineSnapshot(`
    [
      "0 s",
      "59 s",
      "1:01 min",
    ]
  `)
  expect([0, 60_000, 7_200_000, 3 * 86_400_000, 90 * 86_400_000].map((ms) => ageWords(0, ms))).toMatchInlineSnapshot(`
    [
      "a moment",
      "1 minute",
      "2 hours",
      "3 days",
      "3 months",
    ]
  `)
  expect([1, 999, 19_542, 20_000_000].map(sizeWords)).toMatchInlineSnapshot(`
    [
      "1 byte",
      "999 bytes",
      "19.5 kB",
      "20 MB",
    ]
  `)
  expect(logTimeWords(1_204, Date.UTC(2026, 10, 25, 14), 'utc')).toBe('14:00:01.204')
})

test('every failure has four lines, and its reason is never replaced by a general one', () => {
  const lines = (problem: ReturnType<typeof runProblemOf>, paid: Receipt | null = null) => {
    const { what, why, whose, cost, next, mend } = failureWords(problem, paid)
    return [what, why, whose, cost, next, mend.label]
  }
  expect({
    input: lines(
      runProblemOf(
        {
          code: 'INPUT_INVALID',
          title: 'The input does not match what the agent takes',
          fix: 'Mend the named fields. Nothing was charged.',
        },
        422,
      ),
    ),
    credits: lines(
      runProblemOf(
        {
          code: 'INSUFFICIENT_CREDITS',
          title: 'Not enough credits',
          fix: 'Get 1.5 more.',
          needed: '12',
          available: '10.5',
        },
        402,
      ),
    ),
    agent: lines(
      storedProblem({
        code: 'AGENT_THREW',
        status: 'failed',
        runId: 'r',
        failure: { message: 'no column named price' },
      }),
      nothing,
    ),
    time: lines(storedProblem({ code: null, status: 'timed_out', runId: 'r', failure: null }), nothing),
    site: lines(storedProblem({ code: 'SANDBOX_FAILED', status: 'failed', runId: 'r', failure: null }), nothing),
    role: lines(
      runProblemOf(
        { code: 'FORBIDDEN', title: 'This is not allowed for you', fix: 'Use a key with the permission runs.create.' },
        403,
      ),
    ),
    offline: lines(runProblemOf(null, 0)),
    unknown: lines(runProblemOf('<html>', 502)),
  }).toMatchInlineSnapshot(`
    {
      "agent": [
        "The agent failed",
        "no column named price",
        "The agent",
        "Nothing was charged",
        "Read the message. If your input looks right, tell the creator the run id.",
        "Change the input",
      ],
      "credits": [
        "Not enough credits",
        "1.5 credits missing: this run sets aside 12, and you have 10.5.",
        "Your account",
        "Nothing was charged",
        "Get credits and come back: what you filled in is kept.",
        "Get credits",
      ],
      "input": [
        "The input does not match what the agent takes",
        null,
        "Your input",
        "Nothing was charged",
        "Mend the named fields.",
        "Change the input",
      ],
      "offline": [
        "This site cannot be reached",
        null,
        "Your connection",
        "Nothing was charged",
        "Check your connection, then try again.",
        "Run again",
      ],
      "role": [
        "This is not allowed for you",
        null,
        "Your account",
        "Nothing was charged",
        "Act for another account, or ask an owner or an admin of this one for a role that may run agents.",
        "Your accounts",
      ],
      "site": [
        "This site could not start the sandbox",
        null,
        "This site",
        "Nothing was charged",
        "Run it again.",
        "Run again",
      ],
      "time": [
        "The agent did not answer in time",
        null,
        "The agent",
        "Nothing was charged",
        "Try a smaller input, or tell the creator the run id.",
        "Change the input",
      ],
      "unknown": [
        "Something went wrong on this site",
        null,
        "This site",
        "Nothing was charged",
        "Try again. If it goes on, tell the operator.",
        "Run again",
      ],
    }
  `)
})

test('what stopping a run costs is said before, and after with the reason', () => {
  expect([stopWords(FREE), stopWords(PROFILER)]).toMatchInlineSnapshot(`
    [
      "You may stop it at any time.",
      "You may stop it at any time: that is free while it has given out nothing; afterwards it costs the price of a run and what was charged by then.",
    ]
  `)
  expect([
    stoppedWords(receipt, 'running'),
    stoppedWords(nothing, 'running'),
    stoppedWords(nothing, 'waiting'),
    stoppedWords({ ...nothing, held: '0' }, 'running'),
    stoppedWords(guests, 'running'),
  ]).toMatchInlineSnapshot(`
    [
      "2.3 credits charged (2.7 returned), for what it had given out by then.",
      "Nothing was charged: it had given out nothing yet.",
      "Nothing was charged: it had not begun.",
      "It is free, so nothing was charged.",
      "Nothing for you: this site paid 2.3 credits, for what it had given out by then.",
    ]
  `)
})

test('who stopped a run is said as far as it is known', () => {
  const person = { kind: 'person', isYou: false, name: 'Grace Hopper' } as const
  expect([
    stopperWords(null),
    stopperWords({ ...person, isYou: true }),
    stopperWords({ kind: 'guest', isYou: true, name: null }),
    stopperWords(person),
    stopperWords({ ...person, name: null }),
    stopperWords({ kind: 'key', isYou: false, name: 'nightly' }),
    stopperWords({ kind: 'key', isYou: true, name: null }),
  ]).toEqual([
    'This run was stopped.',
    'You stopped this run.',
    'You stopped this run.',
    'Grace Hopper stopped this run.',
    'Somebody else of this account stopped this run.',
    'The API key “nightly” stopped this run.',
    'An API key stopped this run.',
  ])
  const run = admittedRun({
    runId: 'r',
    agentId: 'a',
    version: 1,
    status: 'running',
    waiting: null,
    nowMs: 0,
  })
  const stopped = withView(run, { status: 'canceled', canceledBy: person })
  expect(stopped.canceledBy).toEqual(person)
  // The settled event does not say who; what was known stands.
  expect(withView(stopped, { status: 'canceled' }).canceledBy).toEqual(person)
})

test('who may not do something is told what they may, and by name whom to ask', () => {
  const members = [
    { name: 'Ada', role: 'owner' },
    { name: 'Bob', role: 'billing' },
    { name: 'Cem', role: 'admin' },
  ] as const
  expect([whomToAsk([]), whomToAsk(members), whomToAsk(members.slice(0, 2)), beyondRole('keys.read')])
    .toMatchInlineSnapshot(`
    [
      "an owner or an admin of it",
      "Ada or Cem",
      "Ada",
      "see its API keys",
    ]
  `)
  const told = readProblem(
    { code: 'FORBIDDEN', fix: 'Use a key or a role that has the permission keys.write for this.' },
    { status: 403, headers: new Headers() },
  )
  expect(told.fix).not.toMatch(/permission|key/)
})

test('a guest reads that the site paid, never that they were charged', () => {
  const run = { status: 'succeeded', runMs: 420, receipt: guests } as const
  expect([
    settledWords(run),
    settledWords({ ...run, status: 'failed', receipt: { ...nothing, paidBy: 'site' } }),
    runningChargeWords('0.8', guests),
    failureWords(runProblemOf({ code: 'RUN_CANCELED', title: 'x' }, 409), guests).cost,
  ]).toMatchInlineSnapshot(`
    [
      "Done in 0.42 s, free for you (this site paid 2.3 credits)",
      "Failed after 0.42 s, nothing charged",
      "free for you",
      "Nothing for you: this site paid 2.3 credits",
    ]
  `)
})

test('a failure that this page does not know is never blamed on the agent', () => {
  expect(
    [placeFailure('NEW_CODE', 422), placeFailure('NEW_CODE', 401), placeFailure('NEW_CODE', 503)].map(
      ([whose]) => whose,
    ),
  ).toEqual(['input', 'account', 'site'])
  expect(
    Object.keys(STORED).every(
      (code) => code === 'RUN_LOST' || code === 'SANDBOX_FAILED' || placeFailure(code, 502)[0] !== 'site',
    ),
  ).toBe(true)
})

test('the live region says started, waiting and why, each quarter once, and the end with its next step', () => {
  const queued = admittedRun({
    runId: 'r',
    agentId: 'a',
    version: 1,
    status: 'queued',
    waiting: { reason: 'capacity', place: 2, estimateMs: null },
    nowMs: 0,
  })
  const running = { ...queued, status: 'running', waiting: null } as const
  const at = (fraction: number) => ({ ...running, progress: { fraction, message: null } })
  const done = withView(running, { status: 'succeeded', runMs: 420, receipt, output: 1 })
  const failed = withView(running, { status: 'failed', code: 'AGENT_THREW', runMs: 5, receipt: nothing })
  expect([
    announcementOf(null, queued),
    announcementOf(queued, { ...queued, waiting: { reason: 'capacity', place: 1, estimateMs: null } }),
    announcementOf(queued, running),
    announcementOf(at(0.1), at(0.2)),
    announcementOf(at(0.2), at(0.3)),
    announcementOf(at(0.3), at(0.8)),
    announcementOf(at(0.8), done),
    announcementOf(done, done),
    announcementOf(at(0.8), failed),
  ]).toMatchInlineSnapshot(`
    [
      "Waiting. 2nd in line: all places are busy.",
      null,
      "Started.",
      null,
      "A quarter is done.",
      "Three quarters are done.",
      "Done in 0.42 s, 2.3 credits (2.7 returned).",
      null,
      "The agent failed. Nothing was charged. Next: Change the input.",
    ]
  `)
})

test('amounts are read and written without a double', () => {
  expect(creditsOf(microOf('0.1') + microOf('0.2'))).toBe('0.3')
  expect([creditWords('1'), creditWords('1240.5'), creditWords('nonsense')]).toEqual([
    '1 credit',
    '1\u202f240.5 credits',
    '0 credits',
  ])
})

test('an agent’s language is named as people write it', () => {
  expect(['python', 'typescript', 'javascript', 'cobol'].map(languageWords)).toEqual([
    'Python',
    'TypeScript',
    'JavaScript',
    'cobol',
  ])
})

test('the status page says why isolation is weak, what did not hold, and what to type', () => {
  const fallen = Array.from({ length: 14 }, (_, at) => ({ wall: `outside: wall ${at}`, evidence: 'open' }))
  const why = 'bubblewrap is not installed'
  const weak = { grade: 'process', driver: 'deno', why, mend: 'apt-get install -y bubblewrap', fallen }
  const of = (sandbox: unknown) => statusLines({ sandbox }).lines.find((each) => each.name === 'Isolation of agents')
  const line = of(weak)
  expect(line).toMatchObject({ words: 'By process only: just agents of admins run', is: 'warn' })
  expect(line?.more).toMatchObject({ why, mend: 'apt-get install -y bubblewrap' })
  expect(line?.more?.seen[0]).toBe('outside: wall 0: open')
  expect(line?.more?.seen.at(-1)).toBe('and 2 more, in /api/health')
  expect(of({ ...weak, weakIsolationAllowed: true })).toMatchObject({
    words: expect.stringContaining('everybody’s agents run all the same'),
    is: 'bad',
  })
  expect(of({ ...weak, grade: 'strong' })).toEqual({
    name: 'Isolation of agents',
    words: 'Strong: walls tried at start',
    is: 'good',
  })
})

test('the status page says whether agents in Python are served, once one was needed', () => {
  const of = (python: unknown) =>
    statusLines({ sandbox: { python } }).lines.filter((each) => each.name === 'Agents in Python')
  expect(of({ grade: 'untried', version: null })).toEqual([])
  expect(of({ grade: 'strong', version: '3.11.2' })).toMatchObject([{ words: 'Served by CPython 3.11.2', is: 'good' }])
  expect(of({ grade: 'none', why: 'Python is not installed', mend: 'apt-get install -y python3' })).toMatchObject([
    { words: 'Not served here', more: { why: 'Python is not installed', mend: 'apt-get install -y python3' } },
  ])
})
