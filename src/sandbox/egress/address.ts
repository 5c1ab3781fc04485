import { BlockList, isIP } from 'node:net'

/** IPv4 that is not the public internet: this network, private use, shared (carrier) space, loopback, link-local with
 * the metadata services of clouds, protocol assignments, documentation, 6to4 relays, benchmarks, multicast, reserved; and
 * one that is public by its number alone, where Azure answers its own machines with their settings and certificates.
 * Source: IANA IPv4 Special-Purpose Address Registry. */
const NOT_PUBLIC_IPV4: readonly (readonly [string, number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['168.63.129.16', 32],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
]

/** Inside the only IPv6 block that is public: protocol assignments with Teredo, documentation, 6to4. The last holds an
 * IPv4 address of anybody's choice, as Teredo does. Outside the block nothing is public: loopback, mapped and
 * translated IPv4 (`::ffff:0:0/96`, `64:ff9b::/96`), unique local, link-local, multicast.
 * Source: IANA IPv6 Special-Purpose Address Registry. */
const PUBLIC_IPV6: readonly [string, number] = ['2000::', 3]
const NOT_PUBLIC_IPV6: readonly (readonly [string, number])[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

const refused = new BlockList()
for (const [net, bits] of NOT_PUBLIC_IPV4) refused.addSubnet(net, bits, 'ipv4')
const public6 = new BlockList()
public6.addSubnet(...PUBLIC_IPV6, 'ipv6')
const refused6 = new BlockList()
for (const [net, bits] of NOT_PUBLIC_IPV6) refused6.addSubnet(net, bits, 'ipv6')

/** Is this an address of the public internet? Everything that is not plainly one is none.
 * @param address as the system prints it, without brackets */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !refused.check(address, 'ipv4')
    case 6:
      return !address.includes('%') && public6.check(address, 'ipv6') && !refused6.check(address, 'ipv6')
    default:
      return false
  }
}
