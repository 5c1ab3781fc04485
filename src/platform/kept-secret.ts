import { randomBytes } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'

/** The secret kept in a file, made on first use: 32 random bytes as text, readable by its owner only. Processes that
 * make it at once end up with the same one, because a link is made once. */
export async function keptSecret(file: string): Promise<string> {
  const known = await readSecret(file)
  if (known !== null) return known
  const own = `${file}.${randomBytes(6).toString('hex')}`
  await writeFile(own, `${randomBytes(32).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    await link(own, file)
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
  } finally {
    await rm(own, { force: true })
  }
  const kept = await readSecret(file)
  if (kept === null) throw new Error(`${file} was made and is not there`)
  return kept
}

/** @throws Error if the file holds less than a secret: an empty one would make every token guessable */
async function readSecret(file: string): Promise<string | null> {
  let text: string
  try {
    text = (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null
    throw error
  }
  if (text.length < 32) throw new Error(`${file} holds no secret of at least 32 characters: put it back, or remove it`)
  return text
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code
