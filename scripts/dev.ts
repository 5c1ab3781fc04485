import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { gatewayOptions, signInProviders, siteEnvironment } from '../src/gateway/index.ts'
import { loadConfig } from '../src/platform/config.ts'
import { keptSecret } from '../src/platform/kept-secret.ts'

/** `npm run dev`: the site compiles pages as they are asked for and changes them in open browsers; the API starts again at
 * every change of src/. Both at one address, through the gateway. Ctrl-C ends both. */

const ROOT = join(import.meta.dirname, '..')
const port = Number(process.env['PORT'] || 3_000)
const dataDir = resolve(process.env['BUREAU_DATA'] || './.bureau')
await mkdir(dataDir, { recursive: true, mode: 0o711 })
const secret = process.env['NEXTAUTH_SECRET'] || (await keptSecret(join(dataDir, 'session-secret')))
const sitePort = await freePort()
const publicUrl = process.env['BUREAU_URL'] || undefined

const site = start([join(ROOT, 'web', 'serve.mjs'), String(sitePort), '--development'], {
  NODE_ENV: 'development',
  NEXT_TELEMETRY_DISABLED: '1',
  ...siteEnvironment({
    apiUrl: `http://127.0.0.1:${port}`,
    publicUrl,
    secrets: [secret],
    sessionDays: 30,
    providers: signInProviders(loadConfig({ gateway: gatewayOptions }).gateway),
  }),
})
const api = start(['--watch', '--watch-preserve-output', join(ROOT, 'src', 'main.ts')], {
  PORT: String(port),
  BUREAU_SITE: 'development',
  SITE_URL: `http://127.0.0.1:${sitePort}`,
  NEXTAUTH_SECRET: secret,
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(signal))
for (const child of [site, api]) child.once('exit', (code) => end('SIGTERM', code ?? 1))

function start(args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
  // The channel tells the site that we are gone, should we be killed.
  return spawn(process.execPath, [...args], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...env },
  })
}

function end(signal: NodeJS.Signals, code = 0): void {
  process.exitCode ??= code
  for (const child of [api, site]) if (child.exitCode === null && child.signalCode === null) child.kill(signal)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((listening) => server.once('listening', listening))
  const address: AddressInfo | string | null = server.address()
  await new Promise((closed) => server.close(closed))
  if (typeof address !== 'object' || address === null) throw new Error('no free port')
  return address.port
}
