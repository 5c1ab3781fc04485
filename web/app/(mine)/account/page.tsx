import type { Metadata } from 'next'
import { Suspense } from 'react'
import { DataPanel } from '../../../components/account/data-panel.tsx'
import { PasswordPanel } from '../../../components/account/password-panel.tsx'
import { PeoplePanels } from '../../../components/account/people-panels.tsx'
import { ProfilePanel } from '../../../components/account/profile-panel.tsx'
import { SessionsPanel } from '../../../components/account/sessions-panel.tsx'
import { TeamsPanel } from '../../../components/account/teams-panel.tsx'
import { TwoFactorPanel } from '../../../components/account/two-factor-panel.tsx'
import { Page } from '../../../components/shell/page.tsx'
import { ListState } from '../../../components/states/list-state.tsx'
import { PanelSkeleton } from '../../../components/states/panel-skeleton.tsx'
import { PageHead, Panel } from '../../../components/ui/panel.tsx'
import { ask, serverApi } from '../../../lib/server-api.ts'
import { requirePerson } from '../../../lib/session.ts'

export const metadata: Metadata = { title: 'Account' }

export default async function AccountPage() {
  const person = await requirePerson('/account')
  return (
    <Page isNarrow>
      <PageHead
        title="Account"
        text={`You are ${person.user.email}, here since ${person.user.createdAt.slice(0, 10)}.`}
      />
      <ProfilePanel name={person.user.name} />
      <PasswordPanel hasPassword={person.user.hasPassword} email={person.user.email} />
      <Suspense fallback={<PanelSkeleton rows={2} />}>
        <TwoFactor hasPassword={person.user.hasPassword} />
      </Suspense>
      <Suspense fallback={<PanelSkeleton rows={4} />}>
        <Sessions />
      </Suspense>
      <Suspense fallback={<PanelSkeleton rows={3} />}>
        <Teams />
      </Suspense>
      <Suspense fallback={<PanelSkeleton rows={4} />}>
        <PeoplePanels person={person} />
      </Suspense>
      <DataPanel />
    </Page>
  )
}

async function TwoFactor({ hasPassword }: { readonly hasPassword: boolean }) {
  const answer = await ask((await serverApi()).GET('/api/two-factor'))
  if (!answer.ok) {
    return (
      <Panel title="Two-factor">
        <ListState kind="failed" problem={answer.problem} />
      </Panel>
    )
  }
  return <TwoFactorPanel isOn={answer.data.isOn} codesLeft={answer.data.recoveryCodesLeft} hasPassword={hasPassword} />
}

async function Sessions() {
  const answer = await ask((await serverApi()).GET('/api/sessions', { params: { query: { limit: 100 } } }))
  if (!answer.ok) {
    return (
      <Panel title="Sessions">
        <ListState kind="failed" problem={answer.problem} />
      </Panel>
    )
  }
  return (
    <SessionsPanel
      sessions={answer.data.items.flatMap(({ id, createdAt, isCurrent = false, address = null, ...other }) =>
        id === undefined || createdAt === undefined
          ? []
          : [
              {
                id,
                createdAt,
                isCurrent,
                address,
                userAgent: other.userAgent ?? null,
                lastUsedAt: other.lastUsedAt ?? null,
              },
            ],
      )}
    />
  )
}

async function Teams() {
  const answer = await ask((await serverApi()).GET('/api/accounts', { params: { query: { limit: 100 } } }))
  if (!answer.ok) {
    return (
      <Panel title="Your accounts">
        <ListState kind="failed" problem={answer.problem} />
      </Panel>
    )
  }
  return (
    <TeamsPanel
      accounts={answer.data.items.flatMap(({ id, name, kind, role, isCurrent = false }) =>
        id === undefined || name === undefined || kind === undefined || role === undefined
          ? []
          : [{ id, name, kind, role, isCurrent }],
      )}
    />
  )
}
