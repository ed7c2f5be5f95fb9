import { describe, expect, it } from 'vitest'
import { readBase64url } from '../../../widget/src/wire/base64url.ts'
import {
  checkCommand,
  commandId,
  commandMark,
  doneOnce,
  type HostCommand,
  OPERATIONS,
  openCommand,
  signCommand,
  TARGETED,
} from '../../../widget/src/wire/host-commands.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'
import { bodyId, signToken, tokenId } from '../../../widget/src/wire/tokens.ts'
import { accepted, NOW, OURS, ROOM, signer, THEIRS } from './signers.ts'

const host = await signer()
const stranger = await signer()

const OLD: HostCommand = { kind: 'host-command', room: ROOM, fingerprint: OURS, operation: 'lock', issuedAt: NOW }
const LOCK: HostCommand = { ...OLD, commandId: commandId(Uint8Array.from({ length: 12 }, (_, at) => at)), seq: 1, prev: '' }

const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** The other signature that holds wherever one does: s becomes n - s (SEC 1, 4.1.4); nobody needs a key for it. */
const signedAgain = (token: string): string => {
  const [body = '', written = ''] = token.split('.')
  const digits = Buffer.from(accepted(readBase64url(written))).toString('hex')
  const s = (P256_ORDER - BigInt(`0x${digits.slice(64)}`)).toString(16).padStart(64, '0')
  return `${body}.${Buffer.from(digits.slice(0, 64) + s, 'hex').toString('base64url')}`
}

const checked = async (command: HostCommand, handshook: string | null = OURS) =>
  checkCommand(await signCommand(command, host.secret), host.public, { room: ROOM, handshook, now: NOW })

describe('host commands', () => {
  it('come back as they were made', async () => {
    for (const operation of OPERATIONS) {
      const command = { ...LOCK, operation, ...(TARGETED.includes(operation) ? { target: 'f4fcdc17-caaf' } : {}) }
      expect(await checked(command)).toEqual(command)
    }
    expect(await checked(OLD)).toEqual(OLD)
  })

  it.each(TARGETED)('%s says who is meant', async (operation) => {
    expect(await checked({ ...LOCK, operation })).toEqual(new Refused('no-target', 'target'))
  })

  it.each([
    [-60, null],
    [-61, 'not-yet-valid'],
    [120, null],
    [121, 'too-old'],
  ] as const)('of %i seconds ago are judged', async (ago, code) => {
    const command = { ...LOCK, issuedAt: NOW - ago }
    expect(await checked(command)).toEqual(code === null ? command : new Refused(code, 'iat'))
    expect(await openCommand(await signCommand(command, host.secret), host.public, ROOM)).toEqual(command)
  })

  it('belong to the connection they came on, to a room and to a host', async () => {
    expect(await checked(LOCK, THEIRS)).toEqual(new Refused('wrong-certificate', 'fp'))
    expect(await checked(LOCK, null)).toEqual(LOCK)
    expect(await checked({ ...LOCK, room: 'other' })).toEqual(new Refused('wrong-room', 'room'))
    const forged = await signCommand(LOCK, stranger.secret)
    expect(await openCommand(forged, host.public, ROOM)).toEqual(new Refused('token-signature'))
  })

  it('are done once', async () => {
    const done = accepted(doneOnce([], await commandMark(LOCK, await signCommand(LOCK, host.secret))))
    expect(done).toEqual(['000102030405060708090a0b'])
    expect(doneOnce(done, await commandMark(LOCK, 'signed again'))).toEqual(new Refused('already-done'))
  })

  it('without an id are remembered by their body, whatever the signature', async () => {
    const token = await signCommand(OLD, host.secret)
    const again = signedAgain(token)
    expect(again).not.toBe(token)
    expect(await openCommand(again, host.public, ROOM)).toEqual(OLD)
    const done = accepted(doneOnce([], await commandMark(OLD, token)))
    expect(done).toEqual([await bodyId(token)])
    expect(doneOnce(done, await commandMark(OLD, again))).toEqual(new Refused('already-done'))
    expect(await tokenId(again)).not.toBe(await tokenId(token))
  })

  it('are remembered, the newest 256', () => {
    let done: readonly string[] = []
    for (let number = 0; number < 300; number += 1) done = accepted(doneOnce(done, String(number)))
    expect([done.length, done[0], done.at(-1)]).toEqual([256, '44', '299'])
  })

  it('are of their kind and bounded', async () => {
    const other = await signToken({ k: 'kbz-host-order.v1' }, host.secret)
    expect(await openCommand(other, host.public, ROOM)).toEqual(new Refused('wrong-kind', 'k'))
    const long = await signToken({ pad: 'x'.repeat(8192) }, host.secret)
    expect(await openCommand(long, host.public, ROOM)).toEqual(new Refused('too-long'))
    expect(() => commandId(new Uint8Array(11))).toThrow('12 bytes')
  })
})
