import type { JobHandler } from '../jobs/index.ts'
import type { CreditsJobDeps } from './credits.jobs.ts'
import { rollUpLedger } from './roll-up-ledger.ts'

export const handle: JobHandler<CreditsJobDeps, Record<string, never>> = async ({ db }, _payload, { signal, log }) => {
  const moved = await rollUpLedger({ db, signal })
  if (moved > 0) log.debug({ moved }, 'ledger deltas were rolled up')
}
