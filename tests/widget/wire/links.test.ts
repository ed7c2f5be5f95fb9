import { readFileSync } from 'node:fs'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeBase64url } from '../../../widget/src/wire/base64url.ts'
import { LIMITS } from '../../../widget/src/wire/limits.ts'
import { decodeParams, type LinkParams, linkParams, MODES, type Raw, readForm } from '../../../widget/src/wire/link-params.ts'
import { appendParams, readLink, writeLink, writeRawLink } from '../../../widget/src/wire/links.ts'
import { type Code, Refused } from '../../../widget/src/wire/refusal.ts'
import { roomId } from '../../../widget/src/wire/rooms.ts'
import door from '../../vectors/kibitz-door.json' with { type: 'json' }

interface Said {
  readonly why: string
  readonly params?: object
  readonly refused?: string
  readonly where?: string
}
interface Read extends Said {
  readonly typed: string
  readonly room?: string
  readonly raw?: Raw
  readonly notice?: string
}
interface Write extends Said {
  readonly origin: string
  readonly room: string
  readonly link?: string
}
interface Vectors {
  readonly own_origin: string
  readonly read: readonly Read[]
  readonly write: readonly Write[]
  readonly append: readonly (readonly [base: string, raw: Raw, link: string])[]
}
// Read here, since the bundler's JSON knows no half characters; the shape is that of the file.
const ours = JSON.parse(readFileSync('tests/vectors/links.json', 'utf8')) as Vectors
const ORIGIN = ours.own_origin

/** A row's params: what differs from an open room, in the spelling of this language. */
const told = (params: object = {}): LinkParams => {
  const camel = (name: string): string => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
  return linkParams(Object.fromEntries(Object.entries(params).map(([name, value]) => [camel(name), value])))
}
const refusal = ({ refused, where }: Said): Refused => new Refused(refused as Code, where) // the row names one of our codes

describe('links of the vectors', () => {
  it.each(ours.read)('read: $why', (row) => {
    const answer = readLink(row.typed, ORIGIN)
    if (row.refused) expect(answer).toEqual(refusal(row))
    else {
      const { room, raw, notice } = row
      expect(answer).toEqual({ kind: 'opened', room, params: told(row.params), raw, notice })
    }
  })

  it.each(ours.write)('written: $why', (row) => {
    const answer = writeLink(row.origin, row.room, told(row.params))
    expect(answer).toEqual(row.refused ? refusal(row) : row.link)
  })

  it('appended: plain text', () => {
    for (const [base, raw, link] of ours.append) expect(appendParams(base, raw)).toBe(link)
  })
})

const key = fc.constantFrom(door.host_key, door.creator_key).map(({ x, y }) => ({ x, y }))
const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
const token = fc.base64String({ minLength: 4, maxLength: 200 })
const names = fc.array(
  word.filter((name) => name.trim() === name && !name.includes(',')),
  { maxLength: 5 },
)
const issuer = fc.webUrl({ withQueryParameters: false, withFragments: false }).filter((url) => /^[!-~]+$/.test(url))
const exactly = (count: number) => fc.uint8Array({ minLength: count, maxLength: count }).map(writeBase64url)
const maybe = <T>(some: fc.Arbitrary<T>) => fc.option(some, { nil: undefined })

const room = fc.stringMatching(/^[a-z0-9]{1,3}(-[a-z0-9]{1,8}){0,3}$/).filter((name) => roomId(name) === name)

const everyRoom = fc.record({
  everyoneChecks: fc.boolean(),
  clientId: maybe(word),
  hostKey: maybe(key),
  sealedHostKey: maybe(token),
  hostName: maybe(word),
  hostEmail: maybe(word),
  lobbyAtStart: fc.boolean(),
  declaredNames: names,
  description: maybe(word),
  notice: maybe(word),
  agentWarning: fc.constantFrom('none', 'audio', 'audio+video'),
  issuer: maybe(issuer),
  emailIssuer: maybe(issuer),
})
const gated = fc.record({
  mode: fc.constantFrom(...MODES.filter((mode) => mode !== 'open')),
  allowedNames: names,
  creatorKey: key,
  manifest: maybe(token),
  codeCheck: exactly(48),
  emailIssuer: issuer,
  creatorSecret: maybe(exactly(32)),
  invite: maybe(token),
  inviteKey: maybe(exactly(32)),
})
const sealed = token.map((sealedManifest) => ({ manifest: undefined, sealedManifest }))
const parameterSet = fc
  .tuple(everyRoom, fc.option(fc.tuple(gated, fc.option(sealed))))
  .map(([common, rule]) => linkParams({ ...common, ...rule?.[0], ...rule?.[1] }))

describe('links', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(room, parameterSet, (name, params) => {
        const link = writeLink(ORIGIN, name, params)
        expect(readLink(String(link), ORIGIN)).toMatchObject({ room: name, params, notice: undefined })
      }),
    )
  })

  it('passed on from another site are the same links', () => {
    fc.assert(
      fc.property(room, parameterSet, (name, params) => {
        const link = String(writeLink(ORIGIN, name, params))
        const opened = readLink(link.replace(ORIGIN, 'https://other.example'), ORIGIN)
        if (opened instanceof Refused) throw new Error(opened.code)
        expect(opened.notice).toBe('link-foreign')
        expect(writeRawLink(ORIGIN, opened.room, opened.raw)).toBe(link)
      }),
    )
  })

  it('of any text get an answer', () => {
    const piece = fc.constantFrom(
      ...'https:|//|/|#|?|&|=|@|:|%|%C3|\ud83d|\ude00|g=|gx=|gk=|room=|/j/|kibitz.example|standup|new|\0'.split('|'),
    )
    const hostile = fc.oneof(
      fc.array(piece).map((pieces) => pieces.join('')),
      fc.string({ unit: 'binary' }),
    )
    fc.assert(
      fc.property(hostile, (text) => {
        const answer = readLink(text, ORIGIN)
        if (!(answer instanceof Refused)) expect(decodeParams(answer.raw)).toEqual(answer.params)
      }),
    )
  })

  const RULES = ['g=code', 'gx=1', 'gl=1', 'gh=abc', 'ghk=abc', 'gho=a%40b'] as const

  it('of another site never open without the rules they had', () => {
    const pairs = fc.array(fc.constantFrom(...RULES, 'd=x', 'zz=1', 'gl=0', 'g=open'), { maxLength: 4 })
    fc.assert(
      fc.property(room, pairs, (name, query) => {
        const here = readLink(`https://other.example/?${query.join('&')}#${name}`, ORIGIN)
        if (here instanceof Refused) expect(here.code).toBe('link-elsewhere')
        else expect({ ...decodeParams(readForm(query.join('&'))), description: undefined }).toEqual(linkParams())
      }),
    )
  })

  it('damaged before a rule do not make it part of the name', () => {
    const mark = fc.constantFrom('?', '&', '%3F', '%3f', '%26', '%253F', '%2526')
    fc.assert(
      fc.property(room, mark, fc.constantFrom(...RULES), fc.constantFrom('#', '/j/'), (name, between, rule, form) => {
        const answer = readLink(`${form}${name}${between}${rule}`, ORIGIN)
        if (!(answer instanceof Refused)) expect([between, answer.raw.length]).toEqual(['?', 1])
        expect(readLink(`${name}${between}${rule}`, ORIGIN)).toBeInstanceOf(Refused)
      }),
    )
  })

  it('cut anywhere never throw', () => {
    const link = `${ORIGIN}/#standup?gx=1&g=names&gn=%F0%9F%98%80,Ada&d=caf%C3%A9😀`
    for (let at = 0; at <= link.length; at += 1) expect(() => readLink(link.slice(0, at), ORIGIN)).not.toThrow()
  })

  it('have their limit', () => {
    const longest = '#standup?zz='.padEnd(LIMITS.link_chars, 'x')
    expect(readLink(longest, ORIGIN)).not.toBeInstanceOf(Refused)
    expect(readLink(`${longest}x`, ORIGIN)).toEqual(new Refused('link-unreadable'))
  })

  it.each(['', 'kibitz.example', 'https://', 'ftp://other.example'])('are foreign where our own origin is %j', (own) => {
    expect(readLink('https://other.example/?d=x#standup', own)).toMatchObject({ params: linkParams(), notice: 'link-foreign' })
    expect(readLink('#standup', own)).toMatchObject({ room: 'standup', notice: undefined })
  })
})
