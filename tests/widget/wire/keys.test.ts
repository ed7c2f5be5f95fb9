import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeBase64url } from '../../../widget/src/wire/base64url.ts'
import {
  privateFromScalar,
  privateKey,
  publicKey,
  readKeyText,
  signingKey,
  thumbprint,
  writeKeyText,
} from '../../../widget/src/wire/keys.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'
import { openToken, signToken } from '../../../widget/src/wire/tokens.ts'
import { accepted, freshPair } from './signers.ts'

const V6 = {
  kty: 'EC',
  crv: 'P-256',
  x: 'i_ZXS_BXkWINaFloDkQnn2UgdKRgjRSj3-7iMNbroys',
  y: 'XmT9oGx0odGownMfVfJtOLQKvloRZ05C7BVZTH3odnM',
}

const freshKey = async () => accepted(privateKey.decode(await crypto.subtle.exportKey('jwk', (await freshPair()).privateKey)))

describe('keys', () => {
  it('names a key by the thumbprint of appendix V6', async () => {
    expect(await thumbprint(accepted(publicKey.decode(V6)))).toBe('GSUZI-x3TKvM8TLajVPKTWSlto91zqufntCC9o76B3E')
  })

  it('writes no secret in a public key, and reads it again', async () => {
    const key = await freshKey()
    expect(Object.keys(Object(publicKey.encode(key.public)))).toEqual(['kty', 'crv', 'x', 'y'])
    expect(readKeyText(writeKeyText(key.public))).toEqual(key.public)
    expect(publicKey.decode(privateKey.encode(key), 'jwk')).toEqual(new Refused('private-key', 'jwk.d'))
  })

  it('signs for its public half, and shows its secret to nobody', async () => {
    const key = await freshKey()
    const ready = accepted(await signingKey(key))
    expect(ready.extractable).toBe(false)
    expect(await openToken(await signToken({ a: 1 }, ready), key.public, 200)).toEqual({ a: 1 })
  })

  it('refuses a scalar of somebody else before it signs', async () => {
    const [one, other] = [await freshKey(), await freshKey()]
    expect(await signingKey(accepted(privateFromScalar(other.d, one.public)))).toEqual(new Refused('bad-key'))
  })

  it('refuses a scalar out of range', async () => {
    const { public: point } = await freshKey()
    for (const byte of [0, 255]) {
      expect(privateFromScalar(writeBase64url(new Uint8Array(32).fill(byte)), point, 'gtk')).toEqual(
        new Refused('bad-key', 'gtk'),
      )
    }
  })

  it('refuses a point off the curve, which some engines import', () => {
    expect(publicKey.decode({ ...V6, y: V6.x })).toEqual(new Refused('bad-key'))
  })

  it('answers any record', () => {
    const part = fc.oneof(fc.constantFrom(...Object.values(V6), null, true, 0, '', 'A'.repeat(43)), fc.constant(['verify']))
    const jwk = fc.record({ kty: part, crv: part, x: part, y: part, d: part, ext: part, key_ops: part }, { requiredKeys: [] })
    fc.assert(
      fc.property(jwk, (value) => {
        publicKey.decode(value)
        privateKey.decode(value)
      }),
    )
    expect(readKeyText('A'.repeat(1025))).toEqual(new Refused('too-long'))
  })
})
