import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'
import { z } from 'zod'
import { newUuidV7 } from '../../platform/ids.ts'
import type { Logger } from '../../platform/logger.ts'

/** A mail as it is composed: plain text, and the same as HTML. */
export type Mail = { readonly to: string; readonly subject: string; readonly text: string; readonly html: string }

export type KeptMail = Mail & { readonly id: string; readonly at: string }

export type Mailer = {
  /** How mails leave: by a server, or into files that an admin reads. */
  readonly delivery: 'smtp' | 'files'
  /** Sends one. What its server refuses for good is logged and not thrown, because sending it again would not help.
   * @throws Error where the server could not be asked, or said to come back */
  send(mail: Mail): Promise<void>
  /** Kept mails, newest first, after an id. Without files: none. */
  list(page: { readonly take: number; readonly after: string | null }): Promise<readonly KeptMail[]>
}

export type MailerOptions = {
  readonly smtpUrl: string | undefined
  /** Sender, such as `Bureau <bureau@example.com>`. */
  readonly from: string
  /** Folder for mails that have no server to go to. */
  readonly folder: string
}

const CONNECT_TIMEOUT_MS = 10_000
const SILENCE_TIMEOUT_MS = 30_000
/** Files kept: enough to find a link in, and a bound. */
const MAX_KEPT = 1_000

export function createMailer(options: MailerOptions, deps: { readonly log: Logger }): Mailer {
  if (options.smtpUrl !== undefined) return smtpMailer(options.smtpUrl, options.from, deps.log)
  deps.log.info({ folder: options.folder }, 'no mail server is configured: mails are kept as files')
  return fileMailer(options.folder)
}

function smtpMailer(url: string, from: string, log: Logger): Mailer {
  const transport = createTransport({
    url,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    // Nothing of a mail may name a file or an address for us to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    delivery: 'smtp',
    async send({ to, subject, text, html }) {
      try {
        // As objects: a string is parsed, and one address could become several.
        await transport.sendMail({ from, to: { name: '', address: to }, subject, text, html, headers: AUTOMATIC })
      } catch (error) {
        if (!isRefusedForGood(error)) throw error
        log.warn({ err: error }, 'mail was refused by its server')
      }
    },
    list: () => Promise.resolve([]),
  }
}

/** RFC 3834: vacation notes are not answered to us. */
const AUTOMATIC = { 'Auto-Submitted': 'auto-generated' }

/** SMTP says 5xx to an address or a mail that it will never take; 4xx means later. */
const isRefusedForGood = (error: unknown): boolean =>
  error instanceof Error &&
  'responseCode' in error &&
  Number(error.responseCode) >= 500 &&
  !('code' in error && error.code === 'EAUTH')

const keptMail = z.object({ to: z.string(), subject: z.string(), text: z.string(), html: z.string(), at: z.string() })

/** One JSON file a mail, named by time, readable by the site's own user only: it holds links that open doors. */
function fileMailer(folder: string): Mailer {
  const names = async (): Promise<string[]> => {
    const entries = await readdir(folder).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
      throw error
    })
    return entries
      .filter((name) => /^[0-9a-f-]{36}\.json$/.test(name))
      .toSorted()
      .toReversed()
  }
  return {
    delivery: 'files',
    async send(mail) {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const id = newUuidV7()
      const file = join(folder, `${id}.json`)
      const text = JSON.stringify({ at: new Date().toISOString(), ...mail }, null, 2)
      // Whole or not at all: somebody may be listing.
      await writeFile(`${file}.tmp`, `${text}\n`, { mode: 0o600 })
      await rename(`${file}.tmp`, file)
      for (const old of (await names()).slice(MAX_KEPT)) await rm(join(folder, old), { force: true })
    },
    async list({ take, after }) {
      const wanted = (await names()).filter((name) => after === null || name < `${after}.json`).slice(0, take)
      return Promise.all(
        wanted.map(async (name) => {
          const mail = keptMail.parse(JSON.parse(await readFile(join(folder, name), 'utf8')))
          return { id: name.slice(0, -'.json'.length), ...mail }
        }),
      )
    },
  }
}
