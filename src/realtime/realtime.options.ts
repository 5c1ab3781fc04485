import { z } from 'zod'
import { option } from '../platform/config.ts'

export const realtimeOptions = {
  maxSockets: option('BUREAU_REALTIME_SOCKETS', z.coerce.number().int().min(0).default(5_000), {
    why: 'Open sockets of this process at most, about 30 kB each. 0 switches live updates off; pages then ask again by themselves.',
    unit: 'sockets',
  }),
  socketsPerUser: option('BUREAU_REALTIME_SOCKETS_PER_USER', z.coerce.number().int().min(1).default(20), {
    why: 'Open sockets of one person at most: one a browser tab.',
    unit: 'sockets',
  }),
}
