import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeBase64url } from '../../../widget/src/wire/base64url.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'
import { openToken, runOut, signToken, tokenId, wrongAge, wrongCertificate, wrongRoom } from '../../../widget/src/wire/tokens.ts'
import { OURS, signer, THEIRS } from './signers.ts'

const ours = await signer()
const stranger = await signer()

describe('tokens', () => {
  it('opens what it signs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (payload) => {
        fc.pre(!Object.hasOwn(payload, '__proto__'))
        const opened = await openToken(await signToken(payload, ours.secret), ours.public, 100_000)
        expect(JSON.stringify(opened)).toBe(JSON.stringify(payload))
      }),
    )
  })

  it('answers any text', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.base64String().map((text) => `${text}.${text}`),
        ),
        async (token) => {
          expect(await openToken(token, ours.public, 100)).toBeInstanceOf(Refused)
        },
      ),
    )
  })

  it('lets no character be changed', async () => {
    const token = await signToken({ room: 'standup' }, ours.secret)
    for (let at = 0; at < token.length; at += 1) {
      for (const put of ['A', 'w', '.', 'é']) {
        const changed = token.slice(0, at) + put + token.slice(at + 1)
        if (changed !== token) expect(await openToken(changed, ours.public, 1000)).toBeInstanceOf(Refused)
      }
    }
  })

  it('judges a signature before the body is read', async () => {
    const token = `${writeBase64url(new TextEncoder().encode('not json'))}.${writeBase64url(new Uint8Array(64))}`
    expect(await openToken(token, ours.public, 1000)).toEqual(new Refused('token-signature'))
  })

  it('opens nothing with another key, or over the limit', async () => {
    const token = await signToken({}, ours.secret)
    expect(await openToken(token, stranger.public, 1000)).toEqual(new Refused('token-signature'))
    expect(await openToken(token, ours.public, token.length)).toEqual({})
    expect(await openToken(token, ours.public, token.length - 1)).toEqual(new Refused('too-long'))
  })

  it.each([
    [-61, 'not-yet-valid'],
    [-60, null],
    [120, null],
    [121, 'too-old'],
  ] as const)('judges an age of %i seconds', (age, code) => {
    const found = wrongAge(1000 - age, 1000, { aheadS: 60, ageS: 120 })
    expect(found).toEqual(code === null ? null : new Refused(code, 'iat'))
  })

  it('has the checks that claims share', () => {
    expect(wrongRoom('standup', 'standup')).toBeNull()
    expect(wrongRoom('standup', 'Standup')).toEqual(new Refused('wrong-room', 'room'))
    expect(wrongCertificate(OURS, ` ${OURS.toUpperCase()}`)).toBeNull()
    expect(wrongCertificate(OURS, THEIRS)).toEqual(new Refused('wrong-certificate', 'fp'))
    expect(runOut(1000, 999.5)).toBeNull()
    expect(runOut(1000, 1000)).toEqual(new Refused('expired', 'exp'))
    expect(runOut(1000, null)).toBeNull()
  })

  it('names a token by all of its text', async () => {
    expect(await tokenId('a.b')).not.toBe(await tokenId('a.c'))
  })
})
