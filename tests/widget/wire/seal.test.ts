import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBase64url, writeBase64url } from '../../../widget/src/wire/base64url.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'
import { seal, sealKey, unseal } from '../../../widget/src/wire/seal.ts'
import { accepted } from './signers.ts'

const SALT = Uint8Array.from({ length: 16 }, (_, at) => at)
const IV = Uint8Array.from({ length: 12 }, (_, at) => 100 + at)
const PASSPHRASE = 'correct horse battery staple'

const sealed = async (text: string, passphrase = PASSPHRASE): Promise<string> =>
  accepted(await seal(text, passphrase, { salt: SALT, iv: IV, version: 1 }))

describe('seal', () => {
  it.each([1, 2] as const)('unseals what it seals in version %i', async (version) => {
    const blob = accepted(await seal('é😀', PASSPHRASE, { salt: SALT, iv: IV, version }))
    expect(await unseal(blob, PASSPHRASE)).toBe('é😀')
  })

  it('writes version 2 unless told', async () => {
    const data = accepted(readBase64url(accepted(await seal('', 'p', { salt: SALT, iv: IV }))))
    expect([data[0], data.length]).toEqual([2, 45])
  })

  it('makes the key of appendix V5', async () => {
    const key = Buffer.from(await sealKey(PASSPHRASE, SALT, 1)).toString('hex')
    expect(key).toBe('18465cade096c185b5f60765891fca3f74477e23fd9b6fc88faf7831a91753ac')
  })

  it('compares passwords after NFKC', async () => {
    expect(await unseal(await sealed('x', 'ﬁve Å'), 'five Å')).toBe('x')
  })

  it('does not tell a wrong password from a changed blob', async () => {
    const blob = await sealed('x')
    expect(await unseal(blob, `${PASSPHRASE}!`)).toEqual(new Refused('seal-wrong-passphrase'))
    const data = accepted(readBase64url(blob))
    data[data.length - 1] = (data[data.length - 1] ?? 0) ^ 1
    expect(await unseal(writeBase64url(data), PASSPHRASE)).toEqual(new Refused('seal-wrong-passphrase'))
  })

  it('cannot read what is no blob, nor a version of the future', async () => {
    const short = fc.uint8Array({ maxLength: 44 }).map(writeBase64url)
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary', maxLength: 50 }), short), async (blob) => {
        expect(await unseal(blob, PASSPHRASE)).toEqual(new Refused('seal-unreadable'))
      }),
    )
    const future = writeBase64url(Uint8Array.of(3, ...new Uint8Array(60)))
    expect(await unseal(future, PASSPHRASE)).toEqual(new Refused('seal-unreadable'))
  })

  it('bounds sizes', async () => {
    const fresh = { salt: SALT, iv: IV }
    expect(await seal('x'.repeat(16_385), PASSPHRASE, fresh)).toEqual(new Refused('too-large'))
    expect(await seal('x', 'p'.repeat(1025), fresh)).toEqual(new Refused('too-long'))
    expect(await seal('x', '', fresh)).toEqual(new Refused('bad-value'))
    expect(await unseal('A'.repeat(22_529), PASSPHRASE)).toEqual(new Refused('too-large'))
    expect(await unseal(await sealed('x'), 'p'.repeat(1025))).toEqual(new Refused('too-long'))
    expect(await unseal(await sealed('x'), '')).toEqual(new Refused('seal-wrong-passphrase'))
    expect(await unseal(await sealed('x'.repeat(16_384)), PASSPHRASE)).toBe('x'.repeat(16_384))
  })

  it('tells a caller that brings the wrong bytes', async () => {
    await expect(seal('x', PASSPHRASE, { salt: SALT.slice(1), iv: IV })).rejects.toThrow('16 bytes')
  })
})
