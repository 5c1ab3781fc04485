import { statement } from '../../platform/database.ts'

export type TotpRow = { readonly secret: Buffer | null; readonly isOn: boolean }

export const FIND_TOTP = statement<TotpRow>(
  'users.find_totp',
  `select "totpSecret" as secret, "totpConfirmedAt" is not null as "isOn" from "User" where id = $1`,
)

/** A secret that waits for its first code. The guard keeps one that is on from being replaced. */
export const OFFER_TOTP = statement(
  'users.offer_totp',
  `update "User" set "totpSecret" = $2, "totpLastStep" = null where id = $1 and "totpConfirmedAt" is null`,
)

/** Switched on by its first code, for the very secret that the code was of. */
export const CONFIRM_TOTP = statement(
  'users.confirm_totp',
  `update "User" set "totpConfirmedAt" = now(), "totpLastStep" = $3
   where id = $1 and "totpSecret" = $2 and "totpConfirmedAt" is null`,
)

/** Takes a code once: neither it nor an older one passes again, in no process. */
export const TAKE_STEP = statement(
  'users.take_totp_step',
  `update "User" set "totpLastStep" = $2
   where id = $1 and "totpConfirmedAt" is not null and ("totpLastStep" is null or "totpLastStep" < $2)`,
)

export const SWITCH_OFF_TOTP = statement(
  'users.switch_off_totp',
  `update "User" set "totpSecret" = null, "totpConfirmedAt" = null, "totpLastStep" = null
   where id = $1 and "totpConfirmedAt" is not null`,
)

export const TAKE_RECOVERY_CODE = statement(
  'users.take_recovery_code',
  `update "RecoveryCode" set "usedAt" = now() where "userId" = $1 and hash = $2 and "usedAt" is null`,
)

export const REMOVE_RECOVERY_CODES = statement(
  'users.remove_recovery_codes',
  `delete from "RecoveryCode" where "userId" = $1`,
)

export const INSERT_RECOVERY_CODES = statement(
  'users.insert_recovery_codes',
  `insert into "RecoveryCode" ("userId", hash) select $1, hash from unnest($2::bytea[]) hash`,
)

export const COUNT_RECOVERY_CODES = statement<{ left: number }>(
  'users.count_recovery_codes',
  `select count(*)::int as left from "RecoveryCode" where "userId" = $1 and "usedAt" is null`,
)
