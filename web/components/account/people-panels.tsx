import { ask, serverApi } from '../../lib/server-api.ts'
import type { Me } from '../../lib/session.ts'
import { ListState } from '../states/list-state.tsx'
import { Panel } from '../ui/panel.tsx'
import { InvitationsPanel } from './invitations-panel.tsx'
import { MembersPanel } from './members-panel.tsx'

/** Who belongs to the account, and who was asked to. */
export async function PeoplePanels({ person }: { readonly person: Me }) {
  if (person.account.kind === 'personal' || !person.permissions.includes('members.read')) return null
  const api = await serverApi()
  const query = { limit: 100 }
  const [members, invitations] = await Promise.all([
    ask(api.GET('/api/members', { params: { query } })),
    ask(api.GET('/api/invitations', { params: { query } })),
  ])
  const mayManage = person.permissions.includes('members.write')
  return (
    <>
      {members.ok ? (
        <MembersPanel
          accountName={person.account.name}
          ownId={person.user.id}
          mayManage={mayManage}
          members={members.data.items.flatMap(({ userId, name, email, role, hasTwoFactor = false }) =>
            userId === undefined || name === undefined || email === undefined || role === undefined
              ? []
              : [{ userId, name, email, role, hasTwoFactor }],
          )}
        />
      ) : (
        <Panel title="Members">
          <ListState kind="failed" problem={members.problem} />
        </Panel>
      )}
      {invitations.ok && (
        <InvitationsPanel
          mayManage={mayManage}
          ownRole={person.account.role}
          invitations={invitations.data.items.flatMap(({ id, email, role, invitedBy = '', expiresAt }) =>
            id === undefined || email === undefined || role === undefined || expiresAt === undefined
              ? []
              : [{ id, email, role, invitedBy, expiresAt }],
          )}
        />
      )}
    </>
  )
}
