'use client'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { api, ask } from '../../lib/api.ts'
import type { Problem } from '../../lib/problem.ts'
import { leaveIfSignedOut } from '../../lib/signed-out.ts'
import { statementCsv, type Transfer } from '../../lib/statement.ts'
import { readTransfers } from '../../lib/transfers.ts'
import { FormNotice } from '../ui/form-notice.tsx'
import { Button } from '../ui/button.tsx'

/** More lines than this a page should not hold at once; the API gives the rest. */
const MAX_LINES = 20_000

/** The whole statement as a file for a spreadsheet. */
export function StatementDownload() {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<Problem | null>(null)
  const download = async () => {
    setBusy(true)
    setProblem(null)
    const answer = await readAll().finally(() => setBusy(false))
    if (!Array.isArray(answer)) {
      if (!leaveIfSignedOut(answer)) setProblem(answer)
      return
    }
    const url = URL.createObjectURL(new Blob([statementCsv(answer)], { type: 'text/csv;charset=utf-8' }))
    const link = document.createElement('a')
    link.href = url
    link.download = `bureau-statement-${new Date().toISOString().slice(0, 10)}.csv`
    link.click()
    URL.revokeObjectURL(url)
  }
  return (
    <div>
      <Button
        variant="default"
        size="sm"
        leftSection={<Download size={16} aria-hidden />}
        loading={isBusy}
        onClick={() => void download()}
      >
        Download CSV
      </Button>
      <FormNotice problem={problem} />
    </div>
  )
}

async function readAll(): Promise<Transfer[] | Problem> {
  const lines: Transfer[] = []
  let cursor: string | null = ''
  while (cursor !== null && lines.length < MAX_LINES) {
    const query: { limit: number; cursor?: string } = cursor === '' ? { limit: 100 } : { limit: 100, cursor }
    const answer = await ask(api.GET('/api/credits/transfers', { params: { query } }))
    if (!answer.ok) return answer.problem
    lines.push(...readTransfers(answer.data.items))
    cursor = answer.data.nextCursor
  }
  return lines
}
