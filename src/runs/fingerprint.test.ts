import { expect, test } from 'vitest'
import { fingerprintOf, type FingerprintFacts } from './fingerprint.ts'

const facts: FingerprintFacts = { agentId: 'a1', pinnedVersion: null, body: Buffer.from('{}'), maxChargeMicro: null }

test('the same request has the same fingerprint', () => {
  expect(fingerprintOf({ ...facts })).toEqual(fingerprintOf(facts))
})

test('agent, pinned version, body and maximal charge each make another request', () => {
  const others = [
    { ...facts, agentId: 'a2' },
    { ...facts, pinnedVersion: 1 },
    { ...facts, body: Buffer.from('{ }') },
    { ...facts, maxChargeMicro: 5n },
  ].map((other) => fingerprintOf(other).toString('hex'))
  expect(new Set([...others, fingerprintOf(facts).toString('hex')]).size).toBe(5)
})
