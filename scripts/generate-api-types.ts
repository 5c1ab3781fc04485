import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import openapiTypescript, { astToString } from 'openapi-typescript'
import { openApiDocument } from '../src/roles/openapi-document.ts'

/** What the site knows of the API: made from the routes' schemas, so that a page that asks for what is not there does not
 * compile. */
export const API_TYPES = join(import.meta.dirname, '..', 'web', 'lib', 'api-schema.d.ts')

const HEAD = '// Made by `npm run docs` from the routes. Edits here are lost.\n\n'

export async function generateApiTypes(): Promise<string> {
  const document = JSON.stringify(await openApiDocument())
  return HEAD + astToString(await openapiTypescript(document, { alphabetize: true, defaultNonNullable: true }))
}

export async function areApiTypesCurrent(): Promise<boolean> {
  const committed = await readFile(API_TYPES, 'utf8').catch(() => '') // Never made yet.
  return committed === (await generateApiTypes())
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await writeFile(API_TYPES, await generateApiTypes())
  // Parts that were put together and never started hold nothing worth waiting for.
  process.exit(0)
}
