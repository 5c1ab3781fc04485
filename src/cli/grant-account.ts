import { formatCredits, grantCredits, parseCredits } from '../credits/index.ts'
import { statement } from '../platform/database.ts'
import type { BureauConfig } from '../roles/config.ts'
import { recordAudit } from '../users/index.ts'
import { onSiteDatabase } from './site-database.ts'

type FoundAccount = { readonly id: string; readonly name: string }

const FIND_PERSONAL_ACCOUNT = statement<FoundAccount>(
  'cli.find_personal_account',
  `select a.id, a.name from "User" u
   join "Member" m on m."userId" = u.id and m.role = 'owner'
   join "Account" a on a.id = m."accountId" and a.kind = 'personal'
   where u.email = lower($1)`,
)

/** By what stands in the addresses of its agents. Not an account of the site itself: those are funded by the site alone. */
const FIND_NAMED_ACCOUNT = statement<FoundAccount>(
  'cli.find_named_account',
  `select id, name from "Account" where slug = lower($1) and kind <> 'platform'`,
)

/** `bureau credits grant`: credits that the account may spend, and nobody may be paid out. The audit tells of it.
 * @param order.to the address of a person, whose personal account is meant, or the short name of any account: a team has
 * no address */
export async function grantAccount(
  config: BureauConfig,
  order: { readonly to: string; readonly amount: string },
): Promise<string> {
  const amountMicro = parseCredits(order.amount)
  const isPerson = order.to.includes('@')
  const name = await onSiteDatabase(config, (db) =>
    db.transaction(async (tx) => {
      const [account] = await tx.query(isPerson ? FIND_PERSONAL_ACCOUNT : FIND_NAMED_ACCOUNT, [order.to])
      if (account === undefined)
        throw new Error(
          isPerson ? `Nobody here has the address ${order.to}.` : `No account here has the short name ${order.to}.`,
        )
      const operationId = await grantCredits({ db: tx }, { accountId: account.id, amountMicro })
      await recordAudit(tx, {
        actor: 'system:operator',
        accountId: account.id,
        action: 'credits.granted',
        subject: `operation:${operationId}`,
        details: { credits: formatCredits(amountMicro) },
      })
      return account.name
    }),
  )
  return `${isPerson ? order.to : `${name} (${order.to})`} has ${formatCredits(amountMicro)} credits more.\n`
}
