import type { Metadata } from 'next'
import Link from 'next/link'
import { redirect } from 'next/navigation'
import { EntryCard } from '../../../components/entry/entry-card.tsx'
import { SignInForm } from '../../../components/entry/sign-in-form.tsx'
import { isConnectPath, localPath, nextPath } from '../../../lib/next-path.ts'
import { wayBack } from '../../../lib/outside-sign-in.ts'
import { firstOf, type Search } from '../../../lib/search-params.ts'
import { currentPerson } from '../../../lib/session.ts'
import { doneWords, signInErrorWords } from '../../../lib/sign-in-words.ts'

export const metadata: Metadata = { title: 'Sign in' }

export default async function SignInPage({ searchParams }: { readonly searchParams: Promise<Search> }) {
  const search = await searchParams
  const error = firstOf(search['error'])
  const asked = firstOf(search['next']) ?? localPath(firstOf(search['callbackUrl']))
  const next = asked === undefined && error !== undefined ? await wayBack() : nextPath(asked)
  // They are signed in, and wanted to connect another site: that page says why it did not work.
  if (error !== undefined && isConnectPath(next) && (await currentPerson()) !== null)
    redirect(`/account?error=${encodeURIComponent(error)}`)
  const isHalfway = firstOf(search['step']) === 'code'
  return (
    <EntryCard
      title="Sign in"
      text={isHalfway ? 'One more step.' : next === '/home' ? 'Welcome back.' : 'Sign in, and go on where you were.'}
      aside={
        <>
          New here? <Link href={`/register?next=${encodeURIComponent(next)}`}>Make an account</Link>
        </>
      }
    >
      <SignInForm
        next={next}
        isHalfway={isHalfway}
        error={signInErrorWords(error)}
        email={firstOf(search['email']) ?? ''}
        notice={doneWords(firstOf(search['done']))}
      />
    </EntryCard>
  )
}
