import NextAuth from 'next-auth'
import type { NextRequest } from 'next/server'
import { authOptions } from '../../../../lib/auth-options.ts'

type Context = { readonly params: Promise<{ readonly nextauth: string[] }> }

const handle = async (req: NextRequest, context: Context): Promise<Response> => NextAuth(req, context, authOptions())

export { handle as GET, handle as POST }
