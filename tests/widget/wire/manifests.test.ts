import { describe, expect, it } from 'vitest'
import { memberHash } from '../../../widget/src/wire/fingerprints.ts'
import { agentGrant } from '../../../widget/src/wire/grants.ts'
import {
  admits,
  checkManifest,
  hashed,
  type Invitee,
  type Manifest,
  manifestOf,
  signManifest,
} from '../../../widget/src/wire/manifests.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'
import { signToken } from '../../../widget/src/wire/tokens.ts'
import { accepted, NOW, ROOM, signer } from './signers.ts'

const creator = await signer()
const agent = await signer()

const NOBODY: Manifest = {
  kind: 'manifest',
  members: [],
  mode: 'google',
  room: ROOM,
  expiresAt: NOW + 100,
  domains: [],
  hashes: [],
  invitees: [],
  agentKeys: [],
}
const LIST: Manifest = { ...NOBODY, members: ['alice@example.com'] }
const row = (method: Invitee['method'], told: Partial<Invitee> = {}): Invitee => ({
  kind: 'invitee',
  method,
  isShown: false,
  ...told,
})

const checked = async (value: Manifest, place: { readonly mode?: string | null; readonly now?: number } = {}) =>
  checkManifest(await signManifest(value, creator.secret), creator.public, { room: ROOM, mode: 'google', now: NOW, ...place })
const found = async (value: Manifest): Promise<Manifest> => accepted(await checked(value, { mode: null }))

describe('manifests', () => {
  it('come back as they were made', async () => {
    const full: Manifest = {
      ...LIST,
      domains: ['example.org'],
      hashes: [await memberHash('bob@example.com', ROOM)],
      invitees: [
        row('mail', { identity: 'alice@example.com', name: 'Alice' }),
        row('oidc', { domain: 'example.org', isShown: true }),
      ],
      agentKeys: [{ kind: 'agent-key', key: agent.public, grant: agentGrant(), label: 'scribe' }],
    }
    expect(await checked(full)).toEqual(full)
  })

  it('have a code for each reason', async () => {
    expect(await checked({ ...LIST, room: 'other' })).toEqual(new Refused('wrong-room', 'room'))
    expect(await checked(LIST, { mode: 'invite' })).toEqual(new Refused('wrong-mode', 'mode'))
    expect(await checked(LIST, { now: NOW + 100 })).toEqual(new Refused('expired', 'exp'))
    expect(await checked(NOBODY)).toEqual(new Refused('no-members', 'members'))
    const long = await signToken({ members: ['x'.repeat(16_384)] }, creator.secret)
    const place = { room: ROOM, mode: null, now: NOW }
    expect(await checkManifest(long, creator.public, place)).toEqual(new Refused('too-long'))
  })

  it('are valid with one of anything', async () => {
    const some = [
      { domains: ['a'] },
      { hashes: ['A'.repeat(43)] },
      { agentKeys: [{ kind: 'agent-key', key: agent.public }] },
    ] as const
    for (const one of some) expect(await checked({ ...NOBODY, ...one })).not.toBeInstanceOf(Refused)
  })

  it.each([
    { members: ['', ' ', '\ufeff'] },
    { domains: ['', ' @ '] },
    { mode: 'names', domains: ['example.org'] },
    { mode: 'names', members: [' '], domains: ['example.org'] },
  ] as const)('that could admit nobody are refused (%j)', async (some) => {
    expect(await checked({ ...NOBODY, ...some }, { mode: null })).toEqual(new Refused('no-members', 'members'))
  })

  it('name no kind', async () => {
    const claims = { k: 'kbz-host-order.v1', members: ['a'], mode: 'names', room: ROOM, exp: NOW + 9 }
    const place = { room: ROOM, mode: null, now: NOW }
    const token = await signToken(claims, creator.secret)
    expect(await checkManifest(token, creator.public, place)).toEqual(new Refused('wrong-kind', 'k'))
  })

  it('compare members without case and space', async () => {
    expect(await admits(await found(LIST), ' ALICE@Example.com')).toBe(true)
    expect(await admits(await found(LIST), 'bob@example.com')).toBe(false)
    expect(await admits(await found({ ...LIST, members: ['', 'a'] }), ' ')).toBe(false)
  })

  it('count only hashes where there are any', async () => {
    const list = await found({ ...LIST, hashes: [await memberHash('bob@example.com', ROOM)] })
    expect(await admits(list, 'Bob@example.com')).toBe(true)
    expect(await admits(list, 'alice@example.com')).toBe(false)
  })

  it('take what follows the last at sign for the domain', async () => {
    const list = await found({ ...NOBODY, domains: ['@Example.org', ''] })
    for (const ours of ['anyone@example.ORG', '"a@b"@example.org']) expect(await admits(list, ours)).toBe(true)
    for (const stranger of ['a@sub.example.org', 'example.org', 'a@example.org@evil.example', 'a@', '@']) {
      expect(await admits(list, stranger)).toBe(false)
    }
    expect(await admits({ ...list, mode: 'names' }, 'x@example.org')).toBe(false)
  })

  it('are made from a form', () => {
    const rows = [
      row('mail', { identity: 'a@example.com', name: 'A' }),
      row('signin', { identity: 'b@example.com' }),
      row('mail', { identity: '  ' }),
      row('signin'),
      row('oidc', { identity: 'c@example.org', domain: 'example.org' }),
      row('oidc', { identity: 'd@example.net', domain: 'example.net', isShown: true }),
    ]
    const made = manifestOf(rows, { room: ROOM, expiresAt: NOW })
    expect(made).toMatchObject({ mode: 'google', members: ['a@example.com', 'b@example.com'] })
    expect(made.domains).toEqual(['example.org', 'example.net'])
    expect(made.invitees.map((entry) => entry.identity)).toEqual(['a@example.com', 'b@example.com', undefined, 'd@example.net'])
  })

  it('name no address once hashed, and admit the same', async () => {
    const plain = manifestOf([row('mail', { identity: 'a@example.com', name: 'A' })], { room: ROOM, expiresAt: NOW + 100 })
    const secret = await found(await hashed(plain))
    expect(JSON.stringify(secret)).not.toContain('example.com')
    expect(await admits(secret, 'A@example.com')).toBe(true)
    expect(await admits(secret, 'b@example.com')).toBe(false)
  })
})
