import { randomBytes } from 'node:crypto'
import { grantCredits } from '../../src/credits/index.ts'
import type { Database } from '../../src/platform/database.ts'
import { createApiKey, createUser, permissionsOf, type Principal } from '../../src/users/index.ts'

/** A person with an account of their own, credits on it and a key that may run agents. */
export type Caller = {
  readonly accountId: string
  readonly userId: string
  readonly principal: Principal
  readonly apiKey: string
}

/** Makes a caller through the same use cases as the product, on the given database.
 * @param amountMicro granted micro-credits; 0n grants none */
export async function aCaller(db: Database, amountMicro: bigint, name = 'Caller'): Promise<Caller> {
  const email = `${name.toLowerCase().replaceAll(' ', '.')}.${randomBytes(6).toString('hex')}@example.test`
  const { userId, accountId } = await createUser({ db }, 'system:test', { name, email, isEmailVerified: true })
  const principal: Principal = {
    kind: 'user',
    id: `user:${userId}`,
    accountId,
    userId,
    permissions: permissionsOf('owner', false),
    agentIds: null,
    isAdmin: false,
  }
  const { key } = await createApiKey({ db }, principal, {
    name: 'test',
    scopes: ['runs.create', 'runs.read', 'agents.read', 'credits.read'],
    agentIds: [],
    expiresAt: null,
    monthlyCapMicro: null,
  })
  if (amountMicro > 0n) await grantCredits({ db }, { accountId, amountMicro })
  return { accountId, userId, principal, apiKey: key }
}
