import 'server-only'
import { cookies } from 'next/headers'
import { ownCookie, ownCookieOptions } from './sealed-cookies.ts'

/** Remembers that this browser has signed in before, so that guesses from elsewhere do not delay its owner. */
const DEVICE_SECONDS = 400 * 24 * 60 * 60

export async function knownDevice(): Promise<{ readonly device?: string }> {
  const device = (await cookies()).get(ownCookie('device'))?.value
  return device === undefined ? {} : { device: device.slice(0, 128) }
}

export async function keepDevice(device: string | undefined): Promise<void> {
  if (device !== undefined) (await cookies()).set(ownCookie('device'), device, ownCookieOptions(DEVICE_SECONDS))
}
