import { z } from 'zod'
import { commaList, option } from '../platform/config.ts'

const count = (fallback: number, max: number) => z.coerce.number().int().min(1).max(max).default(fallback)

export const httpOptions = {
  port: option('PORT', z.coerce.number().int().min(0).max(65_535).optional(), {
    why: 'Port to listen on; 0 takes any free one. Without it: 3000, or the next one that is free',
  }),
  host: option('BUREAU_HOST', z.string().default('127.0.0.1'), {
    why: 'Address to listen on; 0.0.0.0 or :: lets other machines in',
  }),
  url: option('BUREAU_URL', z.url({ protocol: /^https?$/ }).optional(), {
    why: 'The address under which people reach this site; links come from it, never from the Host header',
  }),
  trustedProxies: option(
    'BUREAU_TRUSTED_PROXIES',
    commaList.pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], { error: 'not an address or CIDR' }))),
    { why: 'Addresses or CIDRs, separated by commas, whose X-Forwarded-For is believed; by default none' },
  ),
  bodyBytes: option('BUREAU_BODY_BYTES', count(1_048_576, 104_857_600), {
    why: 'Largest JSON body taken; a route may name its own limit',
    unit: 'bytes',
  }),
  requestTimeoutMs: option('BUREAU_REQUEST_TIMEOUT_MS', count(60_000, 3_600_000), {
    why: 'How long a client may take to send one whole request, so that slow senders cannot hold connections',
    unit: 'milliseconds',
  }),
  bodyIdleMs: option('BUREAU_BODY_IDLE_MS', count(30_000, 3_600_000), {
    why: 'How long an upload may stand still. It may take as long as it likes while it goes on.',
    unit: 'milliseconds',
  }),
  bodyMinBytesPerSecond: option('BUREAU_BODY_MIN_RATE', count(1_000, 1_000_000_000), {
    why: 'What an upload that takes longer than BUREAU_REQUEST_TIMEOUT_MS has to bring on the whole, so that a trickle cannot hold a connection for ever.',
    unit: 'bytes a second',
  }),
  keepAliveMs: option('BUREAU_KEEP_ALIVE_MS', count(75_000, 3_600_000), {
    why: 'How long an idle connection is kept; longer than the proxy in front keeps its own, or it meets closed ones',
    unit: 'milliseconds',
  }),
  connections: option('BUREAU_CONNECTIONS', count(10_000, 1_000_000), {
    why: 'Most connections at once; further ones are closed at once rather than all becoming slow',
  }),
  principalPerMinute: option('BUREAU_RATE_PRINCIPAL', count(600_000, 1_000_000_000), {
    why: 'Most requests a minute of one key or user; further ones get RATE_LIMITED',
    unit: 'requests a minute',
  }),
  addressPerMinute: option('BUREAU_RATE_ADDRESS', count(1_200_000, 1_000_000_000), {
    why: 'Most requests a minute of one network address (IPv6: one /64); further ones get RATE_LIMITED',
    unit: 'requests a minute',
  }),
} as const
