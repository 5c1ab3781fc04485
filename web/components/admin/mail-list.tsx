import { ask, serverApi } from '../../lib/server-api.ts'
import { ListState } from '../states/list-state.tsx'
import { LocalTime } from '../ui/local-time.tsx'
import { Panel } from '../ui/panel.tsx'
import ui from '../ui/ui.module.css'

/** The mails that lie in files, newest first. Their text is whatever somebody had sent, so it stays text. */
export async function MailList() {
  const answer = await ask((await serverApi()).GET('/api/mail', { params: { query: { limit: 50 } } }))
  if (!answer.ok) return <ListState kind="failed" problem={answer.problem} />
  const { items, delivery } = answer.data
  if (items.length === 0) {
    return (
      <ListState
        kind="nothing_yet"
        title={delivery === 'smtp' ? 'Mails go to the mail server' : 'No mail yet'}
        text={
          delivery === 'smtp'
            ? 'SMTP_URL names a server, so none are kept here.'
            : 'Without SMTP_URL every mail of this site is kept here, and in the folder mail/ of its data.'
        }
      >
        <a href="/docs">How to set it up</a>
      </ListState>
    )
  }
  return (
    <>
      {items.map(({ id, at = '', to = '', subject = '', text = '' }) => (
        <Panel
          key={id}
          title={subject}
          text={
            <>
              To {to}, <LocalTime at={at} />
            </>
          }
        >
          <pre
            className={ui.secret}
            style={{ margin: 0 }}
            tabIndex={0}
            role="region"
            aria-label={`Text of “${subject}”`}
          >
            {text}
          </pre>
        </Panel>
      ))}
    </>
  )
}
