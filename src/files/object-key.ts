import { filesErrors } from './files.errors.ts'

const maxKeyBytes = 512
const part = /^[A-Za-z0-9_@()+,=~ -][A-Za-z0-9._@()+,=~ -]*$/

/** The key as it is, if every part of it is a plain name. Both stores ask here, so that a key which one of them takes
 * cannot mean another file in the other (`..`, an empty part, a backslash, a NUL, a hidden file of our own).
 * @throws FILE_NAME_INVALID */
export function checkObjectKey(key: string): string {
  const isPlain = key.length <= maxKeyBytes && key.split('/').every((name) => part.test(name) && name.length <= 200)
  if (!isPlain) throw filesErrors.FILE_NAME_INVALID({ name: key.slice(0, 100) })
  return key
}

/** Where a file of an agent's version stands: the specification's `agents/${userId}/${agentId}/${fileName}`, with a
 * file name that starts with the version, so that a key is written once and may be cached for ever. */
export function agentFileKey(userId: string, agentId: string, version: number, file: string): string {
  return checkObjectKey(`agents/${userId}/${agentId}/v${version}/${file}`)
}
