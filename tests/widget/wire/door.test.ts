import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as door from '../../../widget/src/wire/door.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'
import { signToken } from '../../../widget/src/wire/tokens.ts'
import { accepted, NOW, OURS, ROOM, signer, THEIRS } from './signers.ts'

const host = await signer()
const agent = await signer()
const stranger = await signer()

const HERE = { room: ROOM, handshook: OURS, now: NOW }
const ENTRY: door.Bound = { kind: 'bound', room: ROOM, fingerprint: OURS, issuedAt: NOW }
const PASS: door.Pass = { kind: 'pass', room: ROOM, fingerprint: OURS, name: 'Alice', issuedAt: NOW, expiresAt: NOW + 43_200 }
const ORDER: door.Order = {
  kind: 'order',
  room: ROOM,
  bans: [await door.banHash('mid', 'm1', ROOM)],
  isLocked: true,
  isLobbyOn: false,
  seq: NOW,
  prev: '',
  issuedAt: NOW,
}

describe('host entries', () => {
  it('hold on one connection', async () => {
    const token = await door.signHostEntry(ENTRY, host.secret)
    expect(await door.checkHostEntry(token, host.public, HERE)).toEqual(ENTRY)
    const elsewhere = { ...HERE, handshook: THEIRS }
    expect(await door.checkHostEntry(token, host.public, elsewhere)).toEqual(new Refused('wrong-certificate', 'fp'))
    expect(await door.checkHostEntry(token, host.public, { ...HERE, room: 'x' })).toEqual(new Refused('wrong-room', 'room'))
    expect(await door.checkHostEntry(token, stranger.public, HERE)).toEqual(new Refused('token-signature'))
  })

  it('are no other kind', async () => {
    for (const token of [await door.signPass(PASS, host.secret), await door.signAssertion(ENTRY, host.secret)]) {
      expect(await door.checkHostEntry(token, host.public, HERE)).toEqual(new Refused('wrong-kind', 'k'))
    }
  })
})

describe('passes', () => {
  const passed = async (value: door.Pass, now: number | null = NOW) =>
    door.checkPass(await door.signPass(value, host.secret), host.public, { ...HERE, now })

  it('live twelve hours at most', async () => {
    expect(await passed(PASS)).toEqual(PASS)
    expect(await passed({ ...PASS, expiresAt: NOW + 43_201 })).toEqual(new Refused('lives-too-long', 'exp'))
    expect(await passed(PASS, NOW + 43_199)).toEqual(PASS)
    expect(await passed(PASS, NOW + 43_200)).toEqual(new Refused('expired', 'exp'))
    expect(await passed(PASS, null)).toEqual(PASS)
    expect(await passed({ ...PASS, fingerprint: THEIRS })).toEqual(new Refused('wrong-certificate', 'fp'))
  })

  it.each([
    [60, true],
    [61, false],
    [10_000_000, false],
  ])('dated %i s in the future do not outlive twelve hours', async (ahead, isGood) => {
    const dated = { ...PASS, issuedAt: NOW + ahead, expiresAt: NOW + ahead + 43_200 }
    expect(await passed(dated)).toEqual(isGood ? dated : new Refused('lives-too-long', 'exp'))
    expect(await passed(dated, null)).toEqual(dated)
  })
})

describe('agents', () => {
  it('are known by their key', async () => {
    const token = await door.signAssertion(ENTRY, agent.secret)
    const checked = (now: number | null, allowed = [stranger.public, agent.public]) =>
      door.checkAssertion(token, allowed, { ...HERE, now })
    expect(await checked(NOW + 300)).toEqual(agent.public)
    expect(await checked(NOW + 301)).toEqual(new Refused('too-old', 'iat'))
    expect(await checked(null)).toEqual(agent.public)
    expect(await checked(NOW - 61)).toEqual(new Refused('not-yet-valid', 'iat'))
    expect(await checked(NOW, [stranger.public])).toEqual(new Refused('token-signature'))
    expect(await checked(NOW, [])).toEqual(new Refused('token-signature'))
  })
})

describe('codes', () => {
  it('are strong when made here, and survive being retyped', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (random) => {
        const code = door.newCode(random)
        expect(code).toMatch(/^([a-km-np-z2-9]{4}-){3}[a-km-np-z2-9]{4}$/)
        expect(door.strongCode(code.toUpperCase().replaceAll('-', ' '))).toBe(door.canonicalCode(code))
      }),
    )
    expect(door.strongCode('7hkm-x2qp-9rtv-w4z')).toEqual(new Refused('code-too-short'))
    expect(() => door.newCode(new Uint8Array(15))).toThrow('16 bytes')
  })

  it('have a canonical form, whatever was typed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (typed) => {
        expect(door.canonicalCode(typed)).toMatch(/^[A-Z0-9]*$/)
      }),
    )
  })

  it('are proven and never sent', async () => {
    const salt = Uint8Array.from({ length: 16 }, (_, at) => at)
    const key = await door.codeKey('7hkm-x2qp-9rtv-w4zc', salt)
    const check = await door.writeCodeCheck(key, salt)
    const proving = accepted(await door.openCodeCheck(check, '7HKM X2QP 9RTV W4ZC'))
    const entry = { credential: door.CODE_KIND, proof: await door.codeProof(proving, ROOM, OURS) }
    expect(await door.wrongCodeEntry(entry, proving, HERE)).toBeNull()
    const refused = new Refused('wrong-code', 'proof')
    expect(await door.wrongCodeEntry(entry, proving, { ...HERE, handshook: THEIRS })).toEqual(refused)
    expect(await door.wrongCodeEntry(entry, proving, { ...HERE, room: 'other' })).toEqual(refused)
    expect(await door.openCodeCheck(check, '7hkm-x2qp-9rtv-w4zd')).toEqual(new Refused('wrong-code'))
  })

  it.each([
    ['', 'bad-value'],
    ['A'.repeat(65), 'bad-base64'],
    ['A'.repeat(64), 'wrong-code'],
  ] as const)('open nothing with a damaged check', async (check, code) => {
    expect(await door.openCodeCheck(check, '')).toEqual(new Refused(code))
  })
})

describe('bans and orders', () => {
  it('name nobody and count in one room', async () => {
    expect(await door.banHash('eml', ' Zoe@Example.org', ROOM)).toBe(await door.banHash('eml', 'zoe@example.org', ROOM))
    expect(await door.banHash('fp', OURS.toUpperCase(), ROOM)).toBe(await door.banHash('fp', OURS, ROOM))
    expect(await door.banHash('mid', 'a', 'x')).not.toBe(await door.banHash('mid', 'a', 'y'))
    expect(await door.browserMark(new Uint8Array(16), 'x')).not.toBe(await door.browserMark(new Uint8Array(16), 'y'))
  })

  it('come back as they were made', async () => {
    const token = await door.signOrder(ORDER, host.secret)
    expect(await door.openOrder(token, host.public, ROOM)).toEqual(ORDER)
    expect(await door.openOrder(token, host.public, 'other')).toEqual(new Refused('wrong-room', 'room'))
    expect(await door.openOrder(token, stranger.public, ROOM)).toEqual(new Refused('token-signature'))
  })

  it('are bounded', async () => {
    const bans = await Promise.all(Array.from({ length: 256 }, (_, at) => door.banHash('mid', String(at), ROOM)))
    const most: door.Order = { ...ORDER, bans, prev: 'A'.repeat(43) }
    expect(await door.openOrder(await door.signOrder(most, host.secret), host.public, ROOM)).toEqual(most)
    const more = await door.signOrder({ ...ORDER, bans: [...bans, 'A'.repeat(43)] }, host.secret)
    expect(await door.openOrder(more, host.public, ROOM)).toEqual(new Refused('too-many', 'ban'))
    const long = await signToken({ pad: 'x'.repeat(32_768) }, host.secret)
    expect(await door.openOrder(long, host.public, ROOM)).toEqual(new Refused('too-long'))
  })
})
