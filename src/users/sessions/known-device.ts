import type { Keyring } from '../../platform/keyring.ts'
import { newCuid } from '../../platform/ids.ts'

const DEVICE = /^([a-z0-9]{20,40})\.([A-Za-z0-9_-]{43})$/

/** Marks a device that somebody has signed in on. It proves nothing but that, and opens nothing: attempts on it are
 * counted by themselves, so that what others try elsewhere does not delay its owner. Nothing is stored. */
export function makeDevice(keyring: Keyring, userId: string): string {
  const id = newCuid()
  return `${id}.${keyring.mac('device', `${userId}\n${id}`).toString('base64url')}`
}

/** @returns the device's id, or null if it is not one of this person's */
export function readDevice(keyring: Keyring, userId: string, device: string): string | null {
  const [, id, mac] = DEVICE.exec(device) ?? []
  if (id === undefined || mac === undefined) return null
  return keyring.isMac('device', `${userId}\n${id}`, Buffer.from(mac, 'base64url')) ? id : null
}
