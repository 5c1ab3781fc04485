import { argon2, randomBytes, timingSafeEqual, type Argon2Parameters } from 'node:crypto'
import { usersErrors } from '../users.errors.ts'

/** argon2id as OWASP's Password Storage Cheat Sheet has it: 19 MiB, 2 passes, 1 lane. About 25 ms of processor
 * time. A hash carries its parameters; one with others is made anew when its owner next signs in. */
const MEMORY_KIB = 19_456
const PASSES = 2
const LANES = 1
const HASH_BYTES = 32
const SALT_BYTES = 16

/** Hashes computed at once: libuv has four threads, and files and name lookups wait for the same ones. */
const MAX_AT_ONCE = 2
/** Who comes after so many is told to come back: a flood of sign-ins must not queue without end. */
const MAX_WAITING = 100
const RETRY_AFTER_SECONDS = 2

/** PHC string format: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`. */
const STORED = /^\$argon2id\$v=19\$m=(\d{1,8}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/

export type PasswordCheck = {
  readonly isRight: boolean
  /** A right password whose hash was made with other parameters should be hashed again. */
  readonly isOutdated: boolean
}

export type Passwords = {
  /** @returns what is stored @throws EnhancedAppError SIGN_IN_BUSY */
  hash(password: string): Promise<string>
  /** Compares in the same time whether there is anything stored or not.
   * @param stored null where there is nobody, or nobody with a password: never right
   * @throws EnhancedAppError SIGN_IN_BUSY */
  check(stored: string | null, password: string): Promise<PasswordCheck>
}

type Derivation = {
  readonly salt: Buffer
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}

/** Hashes and compares passwords, a few at a time. */
export function createPasswords(): Passwords {
  const inTurn = createTurns(MAX_AT_ONCE, MAX_WAITING)
  // Nobody's password: what an unknown person's is compared with.
  const nobodys = format(randomBytes(SALT_BYTES), randomBytes(HASH_BYTES))

  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES)
      const hashed = await inTurn(() => derive(password, HASH_BYTES, ours(salt)))
      return format(salt, hashed)
    },
    async check(stored, password) {
      const { derivation, hash } = parse(stored ?? nobodys)
      const given = await inTurn(() => derive(password, hash.length, derivation))
      const isRight = timingSafeEqual(given, hash) && stored !== null
      const { memory, passes, parallelism } = derivation
      return { isRight, isOutdated: memory !== MEMORY_KIB || passes !== PASSES || parallelism !== LANES }
    },
  }
}

const ours = (salt: Buffer): Derivation => ({ salt, memory: MEMORY_KIB, passes: PASSES, parallelism: LANES })

/** NFKC first: the same characters come composed from one keyboard and decomposed from another. */
function derive(password: string, tagLength: number, how: Derivation): Promise<Buffer> {
  const { salt, ...cost } = how
  const parameters: Argon2Parameters = { message: password.normalize('NFKC'), nonce: salt, tagLength, ...cost }
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, derived) => (error === null ? resolve(derived) : reject(error)))
  })
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')

const format = (salt: Buffer, hash: Buffer): string =>
  `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=${LANES}$${base64(salt)}$${base64(hash)}`

function parse(stored: string): { readonly derivation: Derivation; readonly hash: Buffer } {
  const match = STORED.exec(stored)
  if (match === null) throw new Error('a stored password is not argon2id in PHC format')
  const [, memory, passes, lanes, salt = '', hash = ''] = match
  return {
    derivation: {
      salt: Buffer.from(salt, 'base64'),
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(lanes),
    },
    hash: Buffer.from(hash, 'base64'),
  }
}

function createTurns(atOnce: number, maxWaiting: number) {
  let running = 0
  const waiting: (() => void)[] = []
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= atOnce) {
      if (waiting.length >= maxWaiting) throw usersErrors.SIGN_IN_BUSY({ retryAfterSeconds: RETRY_AFTER_SECONDS })
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      // The turn is handed on without being given back, so that nobody slips in between.
      const next = waiting.shift()
      if (next === undefined) running--
      else next()
    }
  }
}
