import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canonical,
  fingerprint,
  fingerprintOfSdp,
  memberHash,
  nonce,
  normalIdentity,
} from '../../../widget/src/wire/fingerprints.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'
import { OURS, THEIRS } from './signers.ts'

const SECTION = `a=fingerprint:sha-256 ${OURS.toUpperCase()}\r\n`

describe('fingerprints', () => {
  it('reads every SHA-256 into one form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (digest) => {
        const written = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
        expect(fingerprint.decode(` ${written.toUpperCase()}\n`)).toBe(written)
        expect(canonical(written)).toBe(written)
      }),
    )
  })

  it('answers any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        expect(fingerprint.decode(text, 'fp')).toEqual(new Refused('bad-fingerprint', 'fp'))
        expect(fingerprintOfSdp(text)).toBeInstanceOf(Refused)
        expect(await nonce(text, 'standup')).toEqual(new Refused('bad-fingerprint'))
      }),
    )
  })

  it('takes the one certificate a description names', () => {
    expect(fingerprintOfSdp(`v=0\r\n${SECTION}m=audio 9\r\n${SECTION}`)).toBe(OURS)
    expect(fingerprintOfSdp('v=0\r\n')).toEqual(new Refused('no-fingerprint'))
    expect(fingerprintOfSdp(`${SECTION}a=fingerprint:sha-256 ${THEIRS}\r\n`)).toEqual(new Refused('many-fingerprints'))
    expect(fingerprintOfSdp(SECTION + 'x'.repeat(65_536))).toEqual(new Refused('too-large'))
  })

  it.each(['a=fingerprint:sha-1 00:11', `a=fingerprint:sha-512 ${OURS}`, 'a=fingerprint:'])('does not count %s', (line) => {
    expect(fingerprintOfSdp(line)).toEqual(new Refused('no-fingerprint'))
    expect(fingerprintOfSdp(SECTION + line)).toEqual(new Refused('many-fingerprints'))
  })

  it('binds a nonce to the room, not to case', async () => {
    expect(await nonce(OURS, 'a')).toBe(await nonce(OURS.toUpperCase(), 'a'))
    expect(new Set([await nonce(OURS, 'a'), await nonce(OURS, 'b'), await nonce(OURS, '')]).size).toBe(3)
  })

  it('compares identities without case, width and space', async () => {
    expect(normalIdentity(' Ａlice@Example.COM\ufeff')).toBe('alice@example.com')
    expect(await memberHash('Alice@example.com', 'a')).toBe(await memberHash('alice@example.com ', 'a'))
    expect(await memberHash('alice@example.com', 'a')).not.toBe(await memberHash('alice@example.com', 'b'))
  })
})
