import { scopesOf } from '../../lib/key-form.ts'
import { ask, serverApi } from '../../lib/server-api.ts'
import type { Me } from '../../lib/session.ts'
import { ListState } from '../states/list-state.tsx'
import { Panel } from '../ui/panel.tsx'
import { Keys, type Key } from './keys.tsx'

/** The account's API keys, and how to make one. */
export async function KeyPanels({ person }: { readonly person: Me }) {
  const api = await serverApi()
  const [keys, agents] = await Promise.all([
    ask(api.GET('/api/keys', { params: { query: { limit: 100 } } })),
    ask(api.GET('/api/agents', { params: { query: { limit: 100 } } })),
  ])
  if (!keys.ok) {
    return (
      <Panel title="API keys">
        <ListState kind="failed" problem={keys.problem} />
      </Panel>
    )
  }
  return (
    <Keys
      keys={keys.data.items.flatMap(readKey)}
      agents={agents.ok ? agents.data.items.flatMap(({ id, name }) => (id && name ? [{ id, name }] : [])) : []}
      scopes={person.permissions.includes('keys.write') ? scopesOf(person.permissions) : []}
    />
  )
}

/** Items of a list may lack fields, because a caller may ask for some only; here all were asked for. */
function readKey(item: { readonly [K in keyof Key]?: Key[K] | undefined }): Key[] {
  const { id, name, prefix, createdAt, scopes = [], agentIds = [] } = item
  const { monthlyCapMicro = null, expiresAt = null, lastUsedAt = null, revokedAt = null } = item
  if (id === undefined || name === undefined || prefix === undefined || createdAt === undefined) return []
  return [{ id, name, prefix, createdAt, scopes, agentIds, monthlyCapMicro, expiresAt, lastUsedAt, revokedAt }]
}
