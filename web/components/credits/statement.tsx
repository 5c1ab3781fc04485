'use client'
import Link from 'next/link'
import { useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import { amountWords } from '../../lib/credits.ts'
import type { Problem } from '../../lib/problem.ts'
import { leaveIfSignedOut } from '../../lib/signed-out.ts'
import { signedAmount, statementLines, transferWords, type Transfer } from '../../lib/statement.ts'
import { readTransfers } from '../../lib/transfers.ts'
import { Failure } from '../states/failure.tsx'
import { LocalTime } from '../ui/local-time.tsx'
import { Button } from '../ui/button.tsx'
import classes from './credits.module.css'

/** The lines of the statement, page by page. */
export function Statement({ first, cursor }: { readonly first: readonly Transfer[]; readonly cursor: string | null }) {
  const [more, setMore] = useState<readonly Transfer[]>([])
  const [next, setNext] = useState(cursor)
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const load = async () => {
    if (next === null) return
    setBusy(true)
    const answer = await ask(api.GET('/api/credits/transfers', { params: { query: { limit: 50, cursor: next } } }))
    setBusy(false)
    if (!answer.ok) {
      if (!leaveIfSignedOut(answer.problem)) setProblem(answer.problem)
      return
    }
    setProblem(null)
    setMore([...more, ...readTransfers(answer.data.items)])
    setNext(answer.data.nextCursor)
  }
  return (
    <>
      <div className={classes.scroll} tabIndex={0} role="region" aria-label="Lines of the statement">
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">What</th>
              <th scope="col" className={classes.amount}>
                Credits
              </th>
            </tr>
          </thead>
          <tbody>
            {statementLines([...first, ...more]).map((transfer) => (
              <tr key={`${transfer.operationId} ${transfer.leg}`}>
                <td className={classes.when}>
                  <LocalTime at={transfer.at} />
                </td>
                <td>
                  {transfer.type === 'capture' && transfer.direction !== 'in' ? (
                    <>
                      <Link href={`/runs/${transfer.operationId}`}>
                        {transfer.shares === null ? transferWords(transfer) : 'Run'}
                      </Link>{' '}
                      {transfer.shares !== null && <span className={classes.shares}>{transfer.shares}</span>}
                    </>
                  ) : (
                    transferWords(transfer)
                  )}
                </td>
                <td className={transfer.direction === 'in' ? `${classes.amount} ${classes.in}` : classes.amount}>
                  {signedAmount({ ...transfer, amount: amountWords(transfer.amount) })}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {problem !== null && <Failure problem={problem} onRetry={() => void load()} />}
      {next !== null && problem === null && (
        <div className={classes.more}>
          <Button variant="default" loading={isBusy} onClick={() => void load()}>
            Load more
          </Button>
        </div>
      )}
    </>
  )
}
