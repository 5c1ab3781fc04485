import type { JobHandler } from '../../jobs/index.ts'
import type { UsersJobDeps, WelcomeOrder } from '../users.jobs.ts'

export const handle: JobHandler<UsersJobDeps, WelcomeOrder> = async (
  { grantCredits },
  { accountId, amountMicro, operationId },
) => {
  await grantCredits({ accountId, amountMicro: BigInt(amountMicro), operationId })
}
