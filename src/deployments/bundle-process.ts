import { EnhancedAppError } from '../platform/errors.ts'
import { bundleAgent } from './bundle-agent.ts'
import { unpackSource } from './source-files.ts'

/** The answer of the process: one JSON text on standard output. */
export type BundleAnswer =
  | { readonly ok: true; readonly code: string; readonly sha256: string; readonly sizeBytes: number }
  | { readonly ok: false; readonly code: string; readonly details: Readonly<Record<string, unknown>> }

/** The whole life of the process: source on standard input, the folder of its packages as argument, bundle or coded problem on standard output. */
export async function runBundleProcess(): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk))
  const answer = await bundleAgent(unpackSource(Buffer.concat(chunks)), process.argv[2] ?? null).then(
    (bundle): BundleAnswer => ({ ok: true, ...bundle }),
    (error: unknown): BundleAnswer => {
      if (!(error instanceof EnhancedAppError)) throw error
      return { ok: false, code: error.code, details: error.details }
    },
  )
  await new Promise((resolve) => process.stdout.write(JSON.stringify(answer), resolve))
}

if (import.meta.main) await runBundleProcess()
