import NextAuth from 'next-auth'
import type { NextRequest } from 'next/server'
import { authOptions } from '../../../../lib/auth-options.ts'

type Context = { readonly params: Promise<{ readonly nextauth: string[] }> }

const handle = async (req: NextRequest, context: Context): Promise<Response> => {
  const { nextauth } = await context.params
  // NextAuth has one word for everything that another site may say instead of yes.
  if (nextauth[0] === 'callback' && req.nextUrl.searchParams.get('error') === 'access_denied')
    return new Response(null, { status: 302, headers: { location: '/sign-in?error=ProviderCanceled' } })
  return NextAuth(req, context, authOptions())
}

export { handle as GET, handle as POST }
