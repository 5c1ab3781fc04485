import { amountWords } from '../../lib/credits.ts'
import { ask, serverApi } from '../../lib/server-api.ts'
import { readTransfers } from '../../lib/transfers.ts'
import { ListState } from '../states/list-state.tsx'
import { LinkButton } from '../ui/link-button.tsx'
import { Panel } from '../ui/panel.tsx'
import classes from './credits.module.css'
import { GetCredits, type Asking } from './get-credits.tsx'
import { Statement } from './statement.tsx'
import { StatementDownload } from './statement-download.tsx'

/** The balance and the first page of the statement; whom to ask, where there is none.
 * @param asking null where the page says that already */
export async function CreditPanels({ asking }: { readonly asking: Asking | null }) {
  const api = await serverApi()
  const [balance, transfers] = await Promise.all([
    ask(api.GET('/api/credits')),
    ask(api.GET('/api/credits/transfers', { params: { query: { limit: 50 } } })),
  ])
  if (!balance.ok) return <ListState kind="failed" problem={balance.problem} />
  const { available, granted, bought, held, earned, earnedGranted } = balance.data
  const tiles = [
    { name: 'To spend', amount: available, note: `${amountWords(granted)} given, ${amountWords(bought)} bought` },
    { name: 'Set aside', amount: held, note: 'For runs that are going' },
    { name: 'Earned', amount: earned, note: 'By your agents, from bought credits' },
    { name: 'Earned from given credits', amount: earnedGranted, note: 'Cannot be paid out' },
  ]
  return (
    <>
      <dl className={classes.tiles}>
        {tiles.map(({ name, amount, note }) => (
          <div key={name} className={classes.tile}>
            <dt>{name}</dt>
            <dd>{amountWords(amount)}</dd>
            <dd style={{ margin: 0, fontSize: 'inherit', fontWeight: 400 }}>
              <p>{note}</p>
            </dd>
          </div>
        ))}
      </dl>
      {available === '0' && asking !== null && <GetCredits next={null} needed={null} {...asking} />}
      <Panel
        title="Statement"
        text="Every credit that came or went, newest first. Given credits are spent before bought ones."
        action={transfers.ok && transfers.data.items.length > 0 && <StatementDownload />}
      >
        {!transfers.ok && <ListState kind="failed" problem={transfers.problem} />}
        {transfers.ok && transfers.data.items.length === 0 && (
          <ListState
            kind="nothing_yet"
            title="No credit has moved yet"
            text="Each agent says what a run costs at most. That much is set aside while it runs; only what it really cost is charged, and a run that fails costs nothing."
          >
            <LinkButton href="/agents">See what they cost</LinkButton>
          </ListState>
        )}
        {transfers.ok && transfers.data.items.length > 0 && (
          <Statement first={readTransfers(transfers.data.items)} cursor={transfers.data.nextCursor} />
        )}
      </Panel>
    </>
  )
}
