import { beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../../test/support/eventually.ts'
import { statement } from '../../platform/database.ts'
import type { MemberRole } from '../principal.ts'
import { aPeopleSite, SITE_URL, type PeopleSite, type PersonOfTest } from '../testing/people-site.ts'
import { linkToken } from '../people/link-tokens.ts'

let site: PeopleSite
beforeAll(async () => {
  site = await aPeopleSite()
})

type Member = { readonly person: PersonOfTest; readonly token: string }
type Team = { readonly accountId: string; readonly owner: Member }

const outcome = (answer: { statusCode: number; json(): { code?: string } }): string =>
  answer.statusCode < 300 ? 'done' : String(answer.json().code)
const outcomes = (answers: readonly Parameters<typeof outcome>[0][]) => answers.map(outcome).toSorted()
const switchTo = (member: Member, accountId: string) =>
  site.send('PUT', '/api/sessions/current/account', { as: member.token, payload: { accountId } })
const invite = (by: Member, email: string, role: MemberRole) =>
  site.post('/api/invitations', { email, role }, { as: by.token })
const answerTo = (verb: 'accept' | 'decline' | 'offer', token: string, as?: string) =>
  site.post(`/api/invitations/${verb}`, { token }, as === undefined ? {} : { as })
const setRole = (by: Member, who: Member, role: MemberRole) =>
  site.send('PATCH', `/api/members/${who.person.userId}`, { as: by.token, payload: { role } })
const remove = (by: Member, who: Member) => site.send('DELETE', `/api/members/${who.person.userId}`, { as: by.token })

async function aSignedIn(): Promise<Member> {
  const person = await site.aPerson()
  return { person, token: (await site.signIn(person)).token }
}

async function aTeam(): Promise<Team> {
  const owner = await aSignedIn()
  const { id: accountId } = (await site.post('/api/accounts', { name: 'The Team' }, { as: owner.token })).json<{
    id: string
  }>()
  await switchTo(owner, accountId)
  return { accountId, owner }
}

async function invitationOf(email: string): Promise<string> {
  return (await site.mailTo(email, 'Invitation')).token
}

/** Invited, accepted, and acting for the team. */
async function aMember(team: Team, role: MemberRole): Promise<Member> {
  const member = await aSignedIn()
  await invite(team.owner, member.person.email, role)
  expect(outcome(await answerTo('accept', await invitationOf(member.person.email), member.token))).toBe('done')
  expect(outcome(await switchTo(member, team.accountId))).toBe('done')
  return member
}

const rolesOf = async (team: Team): Promise<Record<string, MemberRole>> => {
  const items: { userId: string; role: MemberRole }[] = (
    await site.send('GET', '/api/members', { as: team.owner.token })
  ).json().items
  return Object.fromEntries(items.map((item) => [item.userId, item.role]))
}

describe('an account', () => {
  test('for a team belongs to who makes it; a session acts for one account at a time, in every process', async () => {
    const owner = await aSignedIn()
    const made = await site.post('/api/accounts', { name: 'Ångström & Co' }, { as: owner.token })
    expect([made.statusCode, made.json()]).toMatchObject([201, { slug: 'angstrom-co', kind: 'team', role: 'owner' }])
    const { id }: { id: string } = made.json()
    expect(outcome(await switchTo(owner, id))).toBe('done')
    const list: { id: string; isCurrent: boolean }[] = (
      await site.send('GET', '/api/accounts', { as: owner.token })
    ).json().items
    expect(list.map((item) => [item.id, item.isCurrent])).toEqual([
      [owner.person.accountId, false],
      [id, true],
    ])
    const elsewhere = await (
      await site.anotherProcess()
    ).inject({ url: '/api/me', headers: { authorization: `Bearer ${owner.token}` } })
    expect(elsewhere.json().account.id).toBe(id)
  })

  test('of somebody else cannot be switched to, and looks like none', async () => {
    const [team, stranger] = [await aTeam(), await aSignedIn()]
    const answers = [await switchTo(stranger, team.accountId), await switchTo(stranger, 'nobodys')]
    expect(answers.map(outcome)).toEqual(['ACCOUNT_NOT_FOUND', 'ACCOUNT_NOT_FOUND'])
    expect((await site.send('GET', '/api/me', { as: stranger.token })).json().account.id).toBe(
      stranger.person.accountId,
    )
  })

  test('cannot be made without end, also not by requests at once', async () => {
    const owner = await aSignedIn()
    const answers = await Promise.all(
      Array.from({ length: 22 }, () => site.post('/api/accounts', { name: 'T' }, { as: owner.token })),
    )
    expect(answers.filter((answer) => answer.statusCode === 201)).toHaveLength(19)
    expect(answers.find((answer) => answer.statusCode !== 201)?.json()).toMatchObject({
      code: 'ACCOUNT_LIMIT_REACHED',
      limit: 20,
    })
  })
})

describe('an invitation', () => {
  test('goes by mail with a link to the site, shows what it offers, and makes a member who may do what the role says', async () => {
    const team = await aTeam()
    const guest = await aSignedIn()
    const made = await invite(team.owner, guest.person.email, 'billing')
    expect([made.statusCode, made.json()]).toMatchObject([201, { email: guest.person.email, role: 'billing' }])
    const { token, text } = await site.mailTo(guest.person.email, 'Invitation to The Team')
    expect(text).toContain(`${SITE_URL}/invitations/${token}`)
    expect(made.body).not.toContain(token.split('.')[1])
    expect((await answerTo('offer', token)).json()).toMatchObject({
      accountName: 'The Team',
      role: 'billing',
      inviter: 'Ada Lovelace',
    })
    expect((await answerTo('accept', token, guest.token)).json()).toEqual({
      accountId: team.accountId,
      role: 'billing',
    })
    await switchTo(guest, team.accountId)
    expect((await site.send('GET', '/api/me', { as: guest.token })).json()).toMatchObject({
      account: { id: team.accountId, role: 'billing' },
      permissions: ['runs.read', 'agents.read', 'credits.read', 'members.read'],
    })
  })

  test('is accepted or declined once, also by clicks at once', async () => {
    const team = await aTeam()
    const guest = await aSignedIn()
    await invite(team.owner, guest.person.email, 'developer')
    const token = await invitationOf(guest.person.email)
    const clicks = await Promise.all([
      answerTo('accept', token, guest.token),
      answerTo('accept', token, guest.token),
      answerTo('decline', token),
    ])
    expect(outcomes(clicks)).toEqual(['LINK_USED', 'LINK_USED', 'done'])
    expect(outcome(await answerTo('offer', token))).toBe('LINK_USED')
  })

  test('is for its address: another person with the link is refused, and it stays open', async () => {
    const team = await aTeam()
    const [guest, thief] = [await aSignedIn(), await aSignedIn()]
    await invite(team.owner, guest.person.email, 'admin')
    const token = await invitationOf(guest.person.email)
    expect(outcome(await answerTo('accept', token, thief.token))).toBe('INVITATION_FOR_ANOTHER')
    expect(outcome(await answerTo('accept', token))).toBe('UNAUTHENTICATED')
    expect(outcome(await answerTo('accept', token, guest.token))).toBe('done')
  })

  test('can be taken back, expires, and is worth nothing when it was made for something else', async () => {
    const team = await aTeam()
    const [one, two] = [await aSignedIn(), await aSignedIn()]
    const { id }: { id: string } = (await invite(team.owner, one.person.email, 'developer')).json()
    await invite(team.owner, two.person.email, 'developer')
    const [first, second] = [await invitationOf(one.person.email), await invitationOf(two.person.email)]
    expect(outcome(await site.send('DELETE', `/api/invitations/${id}`, { as: team.owner.token }))).toBe('done')
    expect(outcome(await answerTo('accept', first, one.token))).toBe('LINK_USED')
    await site.database.db.execute(
      statement(
        'test.age_invitation',
        `update "Invitation" set "expiresAt" = now() - interval '1 second' where email = $1`,
      ),
      [two.person.email],
    )
    expect(outcome(await answerTo('accept', second, two.token))).toBe('LINK_EXPIRED')
    expect(outcome(await answerTo('decline', second))).toBe('LINK_EXPIRED')
    expect(outcome(await answerTo('accept', linkToken(site.people.keyring, 'verify_email', id), one.token))).toBe(
      'LINK_INVALID',
    )
    expect((await site.send('GET', '/api/invitations', { as: team.owner.token })).json().items).toEqual([])
  })

  test('sent again to the same address replaces the one before', async () => {
    const team = await aTeam()
    const guest = await aSignedIn()
    await invite(team.owner, guest.person.email, 'admin')
    const first = await invitationOf(guest.person.email)
    await invite(team.owner, guest.person.email, 'billing')
    const second = await eventually(
      async () => {
        const token = await invitationOf(guest.person.email)
        expect(token).not.toBe(first)
        return token
      },
      { withinMs: 5_000 },
    )
    expect(outcome(await answerTo('accept', first, guest.token))).toBe('LINK_INVALID')
    expect((await answerTo('accept', second, guest.token)).json().role).toBe('billing')
    expect(outcome(await invite(team.owner, guest.person.email, 'owner'))).toBe('MEMBER_ALREADY')
  })

  test('goes with who made it: from somebody removed or demoted it opens nothing', async () => {
    const team = await aTeam()
    const [removed, demoted] = [await aMember(team, 'admin'), await aMember(team, 'admin')]
    const [friend, other] = [await aSignedIn(), await aSignedIn()]
    await invite(removed, friend.person.email, 'admin')
    await invite(demoted, other.person.email, 'admin')
    const [first, second] = [await invitationOf(friend.person.email), await invitationOf(other.person.email)]
    await remove(team.owner, removed)
    await setRole(team.owner, demoted, 'developer')
    expect(outcome(await answerTo('accept', first, friend.token))).toBe('LINK_USED')
    expect(outcome(await answerTo('accept', second, other.token))).toBe('LINK_USED')
  })

  test('into a personal account is refused', async () => {
    const owner = await aSignedIn()
    expect(outcome(await invite(owner, 'friend@example.org', 'developer'))).toBe('ACCOUNT_PERSONAL')
  })
})

describe('a role', () => {
  test('below admin invites, changes, removes and revokes nobody', async () => {
    const team = await aTeam()
    const victim = await aMember(team, 'developer')
    const { id }: { id: string } = (await invite(team.owner, 'pending@example.org', 'developer')).json()
    for (const role of ['developer', 'billing'] as const) {
      const member = await aMember(team, role)
      const answers = [
        await invite(member, 'friend@example.org', 'billing'),
        await setRole(member, victim, 'billing'),
        await setRole(member, member, 'owner'),
        await remove(member, victim),
        await site.send('DELETE', `/api/invitations/${id}`, { as: member.token }),
        await site.send('GET', '/api/audit', { as: member.token }),
      ]
      expect(answers.map(outcome)).toEqual(answers.map(() => 'FORBIDDEN'))
    }
    expect((await rolesOf(team))[victim.person.userId]).toBe('developer')
  })

  test('of an admin makes, changes and removes no owner, and does not become one', async () => {
    const team = await aTeam()
    const [admin, developer] = [await aMember(team, 'admin'), await aMember(team, 'developer')]
    const answers = [
      await invite(admin, 'friend@example.org', 'owner'),
      await setRole(admin, admin, 'owner'),
      await setRole(admin, developer, 'owner'),
      await setRole(admin, team.owner, 'billing'),
      await remove(admin, team.owner),
    ]
    expect(answers.map(outcome)).toEqual(answers.map(() => 'ROLE_FORBIDDEN'))
    expect(outcome(await setRole(admin, developer, 'admin'))).toBe('done')
    expect(outcome(await invite(admin, 'friend@example.org', 'admin'))).toBe('done')
  })

  test('that was taken away a moment ago is not used, though the session still remembers it', async () => {
    const team = await aTeam()
    const admin = await aMember(team, 'admin')
    expect(outcome(await site.send('GET', '/api/audit', { as: admin.token }))).toBe('done')
    await site.database.db.execute(
      statement('test.demote', `update "Member" set role = 'billing' where "accountId" = $1 and "userId" = $2`),
      [team.accountId, admin.person.userId],
    )
    expect(['ROLE_FORBIDDEN', 'FORBIDDEN']).toContain(outcome(await invite(admin, 'friend@example.org', 'admin')))
  })

  test('reaches keys as well: those of a demoted member may do what is left, those of a removed one nothing', async () => {
    const team = await aTeam()
    const member = await aMember(team, 'developer')
    const made = await site.post('/api/keys', { name: 'x', scopes: ['keys.read', 'runs.read'] }, { as: member.token })
    const { key }: { key: string } = made.json()
    const list = () => site.send('GET', '/api/keys', { as: key })
    expect(outcome(await list())).toBe('done')
    await setRole(team.owner, member, 'billing')
    await eventually(async () => expect(outcome(await list())).toBe('FORBIDDEN'), { withinMs: 1_000 })
    await remove(team.owner, member)
    await eventually(async () => expect(outcome(await list())).toBe('KEY_REVOKED'), { withinMs: 1_000 })
  })
})

describe('the last owner', () => {
  test('can neither leave nor step down, alone or of two at once', async () => {
    const team = await aTeam()
    expect(outcome(await remove(team.owner, team.owner))).toBe('LAST_OWNER')
    expect(outcome(await setRole(team.owner, team.owner, 'admin'))).toBe('LAST_OWNER')
    const second = await aMember(team, 'owner')
    expect(outcomes(await Promise.all([remove(team.owner, team.owner), remove(second, second)]))).toEqual([
      'LAST_OWNER',
      'done',
    ])
  })

  test('of two who demote each other at once stays', async () => {
    const team = await aTeam()
    const second = await aMember(team, 'owner')
    const answers = outcomes(
      await Promise.all([setRole(team.owner, second, 'billing'), setRole(second, team.owner, 'billing')]),
    )
    expect(answers).toHaveLength(2)
    expect(answers.filter((answer) => answer === 'done')).toHaveLength(1)
    const rows = await site.database.db.query(
      statement<{ role: string }>('test.owners', `select role from "Member" where "accountId" = $1 order by role`),
      [team.accountId],
    )
    expect(rows.map((row) => row.role)).toEqual(['owner', 'billing'])
  })

  test('of a personal account is its person for good', async () => {
    const owner = await aSignedIn()
    expect(outcome(await remove(owner, owner))).toBe('ACCOUNT_PERSONAL')
  })
})

test('who is removed or leaves acts for their own account again at once, and sees nothing of the other', async () => {
  const team = await aTeam()
  const [removed, leaver] = [await aMember(team, 'admin'), await aMember(team, 'billing')]
  expect(outcome(await remove(team.owner, removed))).toBe('done')
  expect(outcome(await remove(leaver, leaver))).toBe('done')
  for (const member of [removed, leaver]) {
    expect((await site.send('GET', '/api/me', { as: member.token })).json().account.id).toBe(member.person.accountId)
    expect(outcome(await switchTo(member, team.accountId))).toBe('ACCOUNT_NOT_FOUND')
    const members: { userId: string }[] = (await site.send('GET', '/api/members', { as: member.token })).json().items
    expect(members.map((one) => one.userId)).toEqual([member.person.userId])
  }
})

test('ids of another account are unknown, whoever asks', async () => {
  const [mine, theirs] = [await aTeam(), await aTeam()]
  const member = await aMember(theirs, 'developer')
  const { id }: { id: string } = (await invite(theirs.owner, 'pending@example.org', 'developer')).json()
  const { id: keyId }: { id: string } = (
    await site.post('/api/keys', { name: 'x', scopes: ['keys.read'] }, { as: theirs.owner.token })
  ).json()
  const as = mine.owner.token
  const answers = [
    await setRole(mine.owner, member, 'billing'),
    await remove(mine.owner, member),
    await site.send('DELETE', `/api/invitations/${id}`, { as }),
    await site.send('DELETE', `/api/keys/${keyId}`, { as }),
  ]
  expect(answers.map(outcome)).toEqual([
    'MEMBER_NOT_FOUND',
    'MEMBER_NOT_FOUND',
    'INVITATION_NOT_FOUND',
    'KEY_NOT_FOUND',
  ])
  for (const path of ['/api/members', '/api/invitations', '/api/audit', '/api/keys']) {
    const { body } = await site.send('GET', path, { as })
    expect(body).not.toContain(theirs.accountId)
    expect(body).not.toContain(member.person.userId)
    expect(body).not.toContain(id)
  }
  expect((await rolesOf(theirs))[member.person.userId]).toBe('developer')
})

describe('the audit of an account', () => {
  test('says who did what to whom, newest first and page by page, to owners and admins', async () => {
    const team = await aTeam()
    const member = await aMember(team, 'admin')
    await setRole(team.owner, member, 'developer')
    await setRole(team.owner, member, 'admin')
    const seen: { action: string; actor: string; subject: string; details: object }[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const answer = await site.send('GET', `/api/audit?limit=2${cursor && `&cursor=${cursor}`}`, { as: member.token })
      const page: { items: typeof seen; nextCursor: string | null } = answer.json()
      seen.push(...page.items)
      cursor = page.nextCursor
    }
    expect(seen.map((event) => event.action)).toEqual([
      'member.role_changed',
      'member.role_changed',
      'session.account_switched',
      'member.joined',
      'invitation.created',
      'session.account_switched',
      'account.created',
    ])
    expect(seen[0]).toMatchObject({
      actor: `user:${team.owner.person.userId}`,
      subject: `user:${member.person.userId}`,
      details: { from: 'developer', to: 'admin' },
    })
  })
})

test.each([
  ['POST', '/api/accounts', {}, ['/name']],
  ['POST', '/api/accounts', { name: 'a\nb' }, ['/name']],
  ['POST', '/api/accounts', { name: 'x', kind: 'platform' }, ['']],
  ['POST', '/api/invitations', { email: 'x', role: 'god' }, ['/email', '/role']],
  ['POST', '/api/invitations', { email: 'a@example.org', role: 'admin', accountId: 'platform' }, ['']],
  ['PATCH', '/api/members/abc', { role: 'god' }, ['/role']],
  ['POST', '/api/invitations/accept', {}, ['/token']],
  ['PUT', '/api/sessions/current/account', { accountId: "' or 1=1" }, ['/accountId']],
] as const)('%s %s with %j is refused, naming %j', async (method, path, payload, paths) => {
  const { owner } = await aTeam()
  const answer = await site.send(method, path, { as: owner.token, payload })
  expect(answer.statusCode).toBe(400)
  expect(answer.json().fields.map((field: { path: string }) => field.path)).toEqual(paths)
})
