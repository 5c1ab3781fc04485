import type { Metadata } from 'next'
import { Suspense } from 'react'
import { DataPanel } from '../../../components/account/data-panel.tsx'
import { IdentitiesPanel } from '../../../components/account/identities-panel.tsx'
import { NotificationsPanel } from '../../../components/account/notifications-panel.tsx'
import { PasswordPanel } from '../../../components/account/password-panel.tsx'
import { PeoplePanels } from '../../../components/account/people-panels.tsx'
import { ProfilePanel } from '../../../components/account/profile-panel.tsx'
import { SessionsPanel } from '../../../components/account/sessions-panel.tsx'
import { TeamsPanel } from '../../../components/account/teams-panel.tsx'
import { TwoFactorPanel } from '../../../components/account/two-factor-panel.tsx'
import { Page } from '../../../components/shell/page.tsx'
import { ListState } from '../../../components/states/list-state.tsx'
import { PanelSkeleton } from '../../../components/states/panel-skeleton.tsx'
import { LocalTime } from '../../../components/ui/local-time.tsx'
import { PageHead, Panel } from '../../../components/ui/panel.tsx'
import { ask, serverApi } from '../../../lib/server-api.ts'
import { firstOf, type Search } from '../../../lib/search-params.ts'
import { requirePerson } from '../../../lib/session.ts'
import { signInErrorWords } from '../../../lib/sign-in-words.ts'

export const metadata: Metadata = { title: 'Account' }

type AccountPageProps = { readonly searchParams: Promise<Search> }

export default async function AccountPage({ searchParams }: AccountPageProps) {
  const search = await searchParams
  const person = await requirePerson('/account')
  return (
    <Page isNarrow>
      <PageHead
        title="Account"
        text={
          <>
            You are {person.user.email}, here since <LocalTime at={person.user.createdAt} isDay />.
          </>
        }
      />
      <ProfilePanel name={person.user.name} />
      <PasswordPanel hasPassword={person.user.hasPassword} email={person.user.email} />
      <Suspense fallback={<PanelSkeleton rows={1} />}>
        <Identities
          hasPassword={person.user.hasPassword}
          connected={firstOf(search['connected'])}
          error={firstOf(search['error'])}
        />
      </Suspense>
      <Suspense fallback={<PanelSkeleton rows={2} />}>
        <TwoFactor hasPassword={person.user.hasPassword} />
      </Suspense>
      <Suspense fallback={<PanelSkeleton rows={4} />}>
        <Sessions />
      </Suspense>
      <Suspense fallback={<PanelSkeleton rows={4} />}>
        <Notifications />
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

async function Identities(props: {
  readonly hasPassword: boolean
  readonly connected: string | undefined
  readonly error: string | undefined
}) {
  const api = await serverApi()
  const [identities, providers] = await Promise.all([
    ask(api.GET('/api/identities')),
    ask(api.GET('/api/auth-providers')),
  ])
  if (!identities.ok || !providers.ok) {
    const problem = identities.ok ? (providers.ok ? null : providers.problem) : identities.problem
    return <Panel title="Connected accounts">{problem !== null && <ListState kind="failed" problem={problem} />}</Panel>
  }
  return (
    <IdentitiesPanel
      identities={identities.data}
      providers={providers.data}
      hasPassword={props.hasPassword}
      connected={props.connected}
      error={signInErrorWords(props.error)}
    />
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

async function Notifications() {
  const answer = await ask((await serverApi()).GET('/api/notifications/settings'))
  if (!answer.ok) {
    return (
      <Panel title="Notifications">
        <ListState kind="failed" problem={answer.problem} />
      </Panel>
    )
  }
  return <NotificationsPanel mail={answer.data.mail} />
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
