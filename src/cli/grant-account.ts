import { formatCredits, grantCredits, parseCredits } from '../credits/index.ts'
import { statement } from '../platform/database.ts'
import type { BureauConfig } from '../roles/config.ts'
import { recordAudit } from '../users/index.ts'
import { onSiteDatabase } from './site-database.ts'

const FIND_PERSONAL_ACCOUNT = statement<{ readonly id: string }>(
  'cli.find_personal_account',
  `select a.id from "User" u
   join "Member" m on m."userId" = u.id and m.role = 'owner'
   join "Account" a on a.id = m."accountId" and a.kind = 'personal'
   where u.email = lower($1)`,
)

/** `bureau credits grant`: credits that the account may spend, and nobody may be paid out. The audit tells of it. */
export async function grantAccount(
  config: BureauConfig,
  order: { readonly email: string; readonly amount: string },
): Promise<string> {
  const amountMicro = parseCredits(order.amount)
  await onSiteDatabase(config, (db) =>
    db.transaction(async (tx) => {
      const [account] = await tx.query(FIND_PERSONAL_ACCOUNT, [order.email])
      if (account === undefined) throw new Error(`Nobody here has the address ${order.email}.`)
      const operationId = await grantCredits({ db: tx }, { accountId: account.id, amountMicro })
      await recordAudit(tx, {
        actor: 'system:operator',
        accountId: account.id,
        action: 'credits.granted',
        subject: `operation:${operationId}`,
        details: { credits: formatCredits(amountMicro) },
      })
    }),
  )
  return `${order.email} has ${formatCredits(amountMicro)} credits more.\n`
}
