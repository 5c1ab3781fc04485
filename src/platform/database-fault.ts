/** What an error of a database call says about its statement.
 * - `lost`: nobody knows whether it was committed; ask again in a way that bears both.
 * - `busy`: it was rolled back for a reason that passes (lock timeout, deadlock, too many connections).
 * - `refused`: it was rolled back for a reason of its own. */
export type DatabaseFault = 'lost' | 'busy' | 'refused'

/** Rolled back by PostgreSQL, and worth another try: serialization failure (also our own functions' counts that do not
 * fit), deadlock, lock timeout, statement timeout, out of connections, out of memory. */
const BUSY = new Set(['40001', '40P01', '55P03', '57014', '53300', '53200'])

/** Class 57P: the server is going down. Its last word may have been sent after the commit. Class 08: connection. */
const LOST = /^(57P0|08)/

/** @param error whatever `pg` threw: an error with an SQLSTATE came from PostgreSQL, any other from the connection */
export function faultOf(error: unknown): DatabaseFault {
  // A parameter that could not be written was never sent.
  if (error instanceof TypeError || error instanceof RangeError) return 'refused'
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (!/^[0-9A-Z]{5}$/.test(code) || code === 'EPIPE') return 'lost'
  if (LOST.test(code)) return 'lost'
  return BUSY.has(code) ? 'busy' : 'refused'
}
