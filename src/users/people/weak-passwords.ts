import { usersErrors } from '../users.errors.ts'

export const MIN_PASSWORD_LENGTH = 10
/** Long enough for any phrase; short enough that nobody makes us hash megabytes. */
export const MAX_PASSWORD_LENGTH = 200

/** Fewer different characters than this is a pattern, not a password: `aaaaaaaaaa`, `1212121212`. */
const MIN_DIFFERENT = 5

/** What people choose most where ten characters are asked for, from the lists of known breaches, letters lowered and
 * digits and signs at the end taken off before it is compared: `Password123!` is `password`. */
const COMMON = new Set(
  `password passwort passw0rd p@ssword p@ssw0rd pa55word qwerty qwertyuiop qwertyuiopasdfghjkl qwertz qwertzuiop azerty
azertyuiop asdfghjkl asdfghjklö zxcvbnm iloveyou letmein welcome willkommen bienvenue administrator admin administrador
superman batman spiderman pokemon football baseball basketball sunshine princess monkey dragon master shadow michael
jennifer jordan liverpool chelsea arsenal manchester barcelona realmadrid juventus starwars whatever trustno trustnoone
computer internet samsung iphone google facebook instagram linkedin youtube microsoft windows default changeme
changeit secret supersecret topsecret topsecretpassword mypassword yourpassword newpassword password password1password
passwordpassword testtest testtesttest testing tester test guest guestguest hello helloworld hellohello hallo hallohallo
lovelove iloveu iloveyousomuch babygirl forever freedom flower butterfly chocolate charlie jessica ashley nicole
summer winter spring autumn sommer fruehling herbst qazwsx qazwsxedc qazwsxedcrfv qweasd qweasdzxc qaz2wsx zaq12wsx
zaq1zaq abcdefgh abcdefghi abcdefghij abcdefghijk abcdefghijkl abcd abc abcabc abcabcabc aaaa access login loginlogin
user username root rootroot toor server database oracle postgres postgresql mysql ubuntu raspberry raspberrypi bureau
correcthorsebatterystaple correct horse battery staple 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc q1w2e3r4
q1w2e3r4t5 q1w2e3r4t5y6 1234qwer qwer1234 asdf1234 a1b2c3d4 a1b2c3d4e5 1a2b3c4d 1a2b3c4d5e`.split(/\s+/),
)

const ROWS = [
  '01234567890',
  '12345678910',
  '09876543210',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiop',
  'qwertzuiop',
  'azertyuiop',
  'asdfghjkl',
]

/** Why a password is easy to guess, or null. Length first, then what is tried first: common words with digits behind
 * them, rows of the keyboard, the person's own name and address. Not a demand for signs and capitals, which only makes
 * people write `Password1!` (NIST SP 800-63B, 5.1.1.2). */
export function weaknessOf(password: string, person: { readonly email: string; readonly name: string }): string | null {
  const lowered = password.normalize('NFKC').toLowerCase()
  if (lowered.length < MIN_PASSWORD_LENGTH) return `has fewer than ${MIN_PASSWORD_LENGTH} characters`
  if (new Set(lowered).size < MIN_DIFFERENT) return `has fewer than ${MIN_DIFFERENT} different characters`
  const core = lowered.replace(/[^\p{L}]+$/u, '').replace(/^[^\p{L}]+(?=\p{L}{4})/u, '')
  if (COMMON.has(core) || COMMON.has(lowered)) return 'is one of the passwords that are tried first'
  if (ROWS.some((row) => row.repeat(3).includes(lowered))) return 'is a row of the keyboard or of the alphabet'
  if (isRepeated(lowered)) return 'is one short piece, repeated'
  const own = [
    person.email.toLowerCase(),
    ...person.email.toLowerCase().split(/[@._+-]/),
    ...person.name.toLowerCase().split(/\s+/),
  ]
  const rest = own.filter((part) => part.length >= 4).reduce((left, part) => left.replaceAll(part, ''), lowered)
  // With name and address taken out, what is left has to be a password of its own.
  if (rest.length < lowered.length && rest.replaceAll(/[^\p{L}\p{N}]/gu, '').length < 6)
    return 'is mostly your name or address'
  return null
}

/** `abcabcabcabc`: guessed as soon as `abc` is. */
function isRepeated(text: string): boolean {
  return /^(.{1,5})\1+$/u.test(text)
}

/** @param path the field of the request that holds it
 * @throws EnhancedAppError PASSWORD_WEAK with `fields` */
export function refuseWeakPassword(
  password: string,
  person: { readonly email: string; readonly name: string },
  path = '/password',
): void {
  const message = weaknessOf(password, person)
  if (message !== null) throw usersErrors.PASSWORD_WEAK({ fields: [{ path, message }] })
}
