import { z } from 'zod'
import { formatCredits } from '../credits/index.ts'
import { decodeBlob } from '../platform/blob.ts'
import { TRIALS_ACCOUNT_ID } from '../users/index.ts'
import { runFailures, runsErrors, type RunFailureCode } from './runs.errors.ts'
import { chargeLine, runFailure, type RunFailure, type RunRow, type RunView } from './runs.schema.ts'

const chargeLines = z.array(chargeLine)

/** The part of a run that an answer is made of: known to the process that executed it, and read back from the row. */
export type RunFacts = Pick<
  RunRow,
  | 'id'
  | 'accountId'
  | 'agentId'
  | 'version'
  | 'status'
  | 'code'
  | 'failure'
  | 'output'
  | 'chargeMicro'
  | 'events'
  | 'startedCold'
  | 'waitMs'
  | 'runMs'
  | 'createdAt'
  | 'finishedAt'
  | 'contentDeletedAt'
> & { readonly heldMicro: bigint }

export function factsOf(row: RunRow): RunFacts {
  return { ...row, heldMicro: row.holdGrantedMicro + row.holdBoughtMicro }
}

/** A run as its caller sees it. The first answer and every later replay are made here from the same facts, so that
 * they cannot differ. */
export function presentRun(run: RunFacts): RunView {
  return {
    runId: run.id,
    agentId: run.agentId,
    version: run.version,
    status: run.status,
    code: run.code,
    charge: formatCredits(run.chargeMicro),
    receipt: {
      held: formatCredits(run.heldMicro),
      charged: formatCredits(run.chargeMicro),
      returned: formatCredits(run.finishedAt === null ? 0n : run.heldMicro - run.chargeMicro),
      lines: chargeLines.parse(run.events ?? []).map((line) => ({
        what: line.what,
        count: line.count,
        credits: formatCredits(BigInt(line.micro)),
      })),
      paidBy: run.accountId === TRIALS_ACCOUNT_ID ? 'site' : 'account',
    },
    startedCold: run.startedCold,
    waitMs: run.waitMs,
    runMs: run.runMs,
    createdAt: run.createdAt.toISOString(),
    finishedAt: run.finishedAt?.toISOString() ?? null,
  }
}

/** Why the run failed, or null. */
export function failureOf(run: { readonly failure: Buffer | null }): RunFailure | null {
  if (run.failure === null) return null
  return runFailure.parse(JSON.parse(decodeBlob(run.failure).toString('utf8')))
}

export type StoredAnswer = { readonly status: number; readonly contentType: string; readonly body: Buffer }

/** The answer to the request that made a finished run, the same bytes whenever it is asked for: no request id, no
 * clock. A success carries the agent's output as the bytes it wrote, neither parsed nor written a second time. */
export function answerOf(run: RunFacts): StoredAnswer {
  const view = presentRun(run)
  if (run.contentDeletedAt !== null) return deletedAnswer(run, view, run.contentDeletedAt)
  if (run.status === 'succeeded') {
    const head = JSON.stringify(view)
    const output = run.output === null ? Buffer.from('null') : decodeBlob(run.output)
    const body = Buffer.concat([Buffer.from(`${head.slice(0, -1)},"output":`), output, Buffer.from('}')])
    return { status: 200, contentType: 'application/json; charset=utf-8', body }
  }
  const error = runFailures[failureCodeOf(run.code)]()
  const failure = failureOf(run)
  const problem = {
    type: `/docs/errors#${error.code}`,
    title: error.spec.title,
    fix: error.fix,
    retry: error.retry,
    ...view,
    code: error.code,
    status: error.status,
    runStatus: run.status,
    detail: failure?.message,
    issues: failure?.issues,
  }
  return { status: error.status, contentType: 'application/problem+json', body: Buffer.from(JSON.stringify(problem)) }
}

/** What is no longer there is not answered as if it had been empty. */
function deletedAnswer(run: RunFacts, view: RunView, at: Date): StoredAnswer {
  const error = runsErrors.RUN_CONTENT_DELETED({ runId: run.id, deletedAt: at.toISOString() })
  const { code, status, spec, fix, retry } = error
  const problem = {
    type: `/docs/errors#${code}`,
    title: spec.title,
    fix,
    retry,
    ...view,
    code,
    status,
    runStatus: run.status,
  }
  return { status, contentType: 'application/problem+json', body: Buffer.from(JSON.stringify(problem)) }
}

/** A code of an older or newer release than this one still has to be answered. */
export function failureCodeOf(code: string | null): RunFailureCode {
  return code !== null && isFailureCode(code) ? code : 'AGENT_THREW'
}

const isFailureCode = (code: string): code is RunFailureCode => Object.hasOwn(runFailures, code)
