import { basename, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { readSourceFolder } from '../deployments/index.ts'
import { ConfigError, loadConfig } from '../platform/config.ts'
import { slugOf } from '../users/index.ts'
import { cliOptions } from './cli.options.ts'

export type PublishOrder = { readonly folder: string; readonly slug?: string; readonly visibility?: string }

const receipt = z.object({ agentId: z.string(), version: z.number(), deploymentId: z.string() })
const progress = z.object({
  status: z.string(),
  code: z.string().nullable(),
  message: z.string().nullable(),
  steps: z.array(z.object({ name: z.string() })),
})
const page = z.object({ owner: z.string(), slug: z.string() })
const problem = z.object({ code: z.string(), title: z.string(), fix: z.string() })

/** A deployment takes seconds; a queue before it may take longer. */
const PATIENCE_MS = 300_000

/** `bureau agent publish`: uploads a folder's source over the API and tells how its deployment goes.
 * @throws Error with the code and what to do */
export async function publishFolder(order: PublishOrder, tell: (step: string) => void): Promise<string> {
  const { apiUrl, apiKey } = loadConfig({ cli: cliOptions }).cli
  if (apiKey === undefined) throw new ConfigError(['BUREAU_API_KEY: set it to an API key of yours'])
  const folder = resolve(order.folder)
  const files = [...(await readSourceFolder(folder))].map(([path, bytes]) => [path, inJson(bytes)])
  const call = callerOf(apiUrl, apiKey)
  const made = receipt.parse(
    await call('POST', 'api/agents', {
      slug: order.slug ?? slugOf(basename(folder)),
      files: Object.fromEntries(files),
      ...(order.visibility === undefined ? {} : { visibility: order.visibility }),
    }),
  )
  let told = 0
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await pause(250)) {
    const now = progress.parse(await call('GET', `api/deployments/${made.deploymentId}`))
    for (const step of now.steps.slice(told)) tell(`${step.name} …`)
    told = Math.max(told, now.steps.length)
    if (now.status === 'active') {
      const { owner, slug } = page.parse(await call('GET', `api/agents/${made.agentId}`))
      const address = new URL(`agents/${owner}/${slug}`, apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`)
      return `Version ${made.version} of ${made.agentId} is live.\nIts page: ${address.href}\n`
    }
    if (!['pending', 'building', 'testing'].includes(now.status))
      throw new Error(`${now.code ?? now.status}: ${now.message ?? 'the deployment did not become active'}`)
  }
  throw new Error(`The deployment ${made.deploymentId} is still on its way: look again later.`)
}

/** A file that is no text (a picture for an example) goes as base64: as text it would arrive as another file. */
function inJson(bytes: Uint8Array): string | { readonly $base64: string } {
  const text = Buffer.from(bytes).toString('utf8')
  return Buffer.from(text).equals(bytes) ? text : { $base64: Buffer.from(bytes).toString('base64') }
}

function callerOf(apiUrl: string, apiKey: string) {
  return async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(new URL(path, apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`), {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    }).catch((cause: unknown) => {
      throw new Error(`${apiUrl} does not answer. Is the site running there?`, { cause })
    })
    const answer: unknown = await response.json()
    if (response.ok) return answer
    const { code, title, fix } = problem.parse(answer)
    throw new Error(`${code}: ${title}. ${fix}`)
  }
}
