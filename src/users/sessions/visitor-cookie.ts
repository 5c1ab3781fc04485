import type { Clock } from '../../platform/clock.ts'
import type { Keyring } from '../../platform/keyring.ts'
import { readCookie } from './session-cookie.ts'

/** By which a guest is known again: their own runs are shown to them, and to nobody else. Holds nothing about them. */
export type VisitorCookies = {
  /** The guest's id; null without a cookie, or with one that is not ours or too old. */
  read(header: string): string | null
  /** A guest's first cookie. Made from the token of the browser's pages, so that a request that is sent again before its
   * answer came, and two at once, are of one guest. */
  make(csrfToken: string): { readonly visitorId: string; readonly setCookie: string }
}

/** As long as what runs took and gave is usually kept. */
const LIFE_SECONDS = 30 * 86_400
const PURPOSE = 'visitor cookie'
const VALUE = /^([\w-]{22})\.(\d{10})\.([\w-]{43})$/

/** @param options.isSecure whether people come by https */
export function createVisitorCookies(
  deps: { readonly keyring: Keyring; readonly clock: Clock },
  options: { readonly isSecure: boolean },
): VisitorCookies {
  const { keyring, clock } = deps
  const name = options.isSecure ? '__Host-bureau-visitor' : 'bureau-visitor'
  const nowSeconds = (): number => Math.floor(clock.nowMs() / 1_000)

  return {
    read(header) {
      const [, visitorId = '', madeAt = '', mac = ''] = VALUE.exec(readCookie(header, name) ?? '') ?? []
      if (!keyring.isMac(PURPOSE, `${visitorId}.${madeAt}`, Buffer.from(mac, 'base64url'))) return null
      return nowSeconds() - Number(madeAt) < LIFE_SECONDS ? visitorId : null
    },
    make(csrfToken) {
      const visitorId = keyring.mac('visitor id', csrfToken).subarray(0, 16).toString('base64url')
      const madeAt = String(nowSeconds())
      const mac = keyring.mac(PURPOSE, `${visitorId}.${madeAt}`).toString('base64url')
      const secure = options.isSecure ? '; Secure' : ''
      const setCookie = `${name}=${visitorId}.${madeAt}.${mac}; Path=/; Max-Age=${LIFE_SECONDS}; HttpOnly; SameSite=Lax${secure}`
      return { visitorId, setCookie }
    },
  }
}
