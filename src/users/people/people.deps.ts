import type { JobSender } from '../../jobs/index.ts'
import type { Database } from '../../platform/database.ts'
import type { Keyring } from '../../platform/keyring.ts'
import type { Passwords } from './passwords.ts'

/** What the use cases about people share. */
export type PeopleDeps = {
  readonly db: Database
  readonly jobs: JobSender
  readonly keyring: Keyring
  readonly passwords: Passwords
  readonly options: {
    readonly registration: 'open' | 'closed'
    /** Granted once to who proves an address; 0n for nothing. */
    readonly welcomeMicro: bigint
  }
}
