import { defineAgent, file } from 'bureau'
import { z } from 'zod'
import { readTable } from './read-table.ts'
import { writeReport } from './write-report.ts'

/** Makes a report of a table that people can read and keep. */
export default defineAgent({
  name: 'Markdown report',
  description:
    'Turns a CSV file into a report in Markdown: totals, means and extremes of every numeric column, and the same by the groups of a column you name, with bars. Shown on the page, and as a file to keep.',
  category: 'documents',
  icon: 'clipboard-list',
  view: 'markdown',
  input: z.object({
    csv: file({ accept: ['text/csv', 'text/plain'], maxBytes: 5_000_000 }),
    title: z.string().min(1).max(120).default('Report'),
    groupBy: z.string().max(200).optional().describe('Name of a column whose values make the groups'),
  }),
  output: z.string().describe('Markdown'),
  price: { run: '1', events: { report_file: '0.5' }, max: '1.5' },
  limits: { timeoutMs: 30_000, memoryMb: 256 },
  idempotent: true,
  examples: [
    {
      name: 'Sales by city',
      input: {
        title: 'Sales',
        groupBy: 'city',
        csv: 'city,amount,items\nLyon,120.5,3\nPorto,80,2\nLyon,60,1\nGraz,240,6\n',
      },
    },
  ],
  async run({ csv, title, groupBy }, ctx) {
    const table = readTable(await csv.text())
    ctx.log.info('read', { rows: table.rows.length, columns: table.columns.length })
    const report = writeReport(table, { title, groupBy: groupBy ?? null })
    await ctx.artifacts.put('report.md', report, { type: 'text/markdown; charset=utf-8', charge: 'report_file' })
    return report
  },
})
