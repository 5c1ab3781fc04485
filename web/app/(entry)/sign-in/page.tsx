import type { Metadata } from 'next'
import Link from 'next/link'
import { EntryCard } from '../../../components/entry/entry-card.tsx'
import { SignInForm } from '../../../components/entry/sign-in-form.tsx'
import { nextPath } from '../../../lib/next-path.ts'
import { firstOf, type Search } from '../../../lib/search-params.ts'
import { doneWords, signInErrorWords } from '../../../lib/sign-in-words.ts'

export const metadata: Metadata = { title: 'Sign in' }

export default async function SignInPage({ searchParams }: { readonly searchParams: Promise<Search> }) {
  const search = await searchParams
  const next = nextPath(firstOf(search['next']) ?? localPart(firstOf(search['callbackUrl'])))
  return (
    <EntryCard
      title="Sign in"
      text={next === '/home' ? 'Welcome back.' : 'Sign in, and go on where you were.'}
      aside={
        <>
          New here? <Link href={`/register?next=${encodeURIComponent(next)}`}>Make an account</Link>
        </>
      }
    >
      <SignInForm
        next={next}
        error={signInErrorWords(firstOf(search['error']))}
        email={firstOf(search['email']) ?? ''}
        notice={doneWords(firstOf(search['done']))}
      />
    </EntryCard>
  )
}

/** NextAuth says where to return to as a whole address; only its path is followed, so never to another site. */
function localPart(address: string | undefined): string | undefined {
  if (address === undefined || !URL.canParse(address)) return address
  const { pathname, search } = new URL(address)
  return pathname + search
}
