import { creditWords } from './credits.ts'
import { isRecord, textOr } from './is-record.ts'
import { runStatusWords, type RunStatus } from './run-status-words.ts'

export type Told = {
  readonly kind: 'run_ended' | 'credits_low' | 'agent_failing' | 'invitation' | 'new_session'
  /** The facts of its kind, as they were told; read with care, because they may be of another version of the site. */
  readonly data: unknown
}

const STATUSES: readonly RunStatus[] = ['queued', 'running', 'succeeded', 'failed', 'timed_out', 'canceled']

/** What a notification says, and the page that it is about. Names in it are strangers' text. */
export function notificationWords({ kind, data }: Told): { readonly text: string; readonly href: string } {
  const facts = isRecord(data) ? data : {}
  const fact = (name: string, otherwise: string): string => textOr(facts[name], otherwise)
  switch (kind) {
    case 'run_ended': {
      const status = STATUSES.find((each) => each === facts['status'])
      const how = status === undefined ? 'Ended' : runStatusWords(status)
      return {
        text: `${fact('agent', 'A run')}: ${how}, ${creditWords(fact('charge', '0'))}`,
        href: `/runs/${encodeURIComponent(fact('runId', ''))}`,
      }
    }
    case 'credits_low':
      return {
        text: `${creditWords(fact('available', '0'))} left; the last day cost ${fact('spent', '0')}`,
        href: '/credits',
      }
    case 'agent_failing': {
      const [failed, runs] = [facts['failed'], facts['runs']]
      const how = typeof failed === 'number' && typeof runs === 'number' ? `${failed} of ${runs} runs failed` : 'fails'
      return {
        text: `${fact('agent', 'An agent')}: ${how}`,
        href: `/agents/${fact('address', '').split('/').map(encodeURIComponent).join('/')}/failures`,
      }
    }
    case 'invitation':
      return {
        text: `${fact('inviter', 'Somebody')} invites you to ${fact('account', 'a team')}, as ${fact('role', 'member')}: see your mail`,
        href: '/account',
      }
    case 'new_session':
      return { text: `New sign-in from ${fact('address', 'an unknown address')}`, href: '/account' }
  }
}
