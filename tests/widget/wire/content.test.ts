import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { content } from '../../../widget/src/wire/content.ts'
import { readEnvelope } from '../../../widget/src/wire/envelopes.ts'
import { payHref } from '../../../widget/src/wire/pay-links.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'

const DIGEST = 'jr1LLr5BsB5Y2nbZiWzrzU2SCJjNQu4GuhlOyN361zo'

describe('content', () => {
  it('reads and writes a line', () => {
    expect(content.decode({ k: 'chat', text: ' hello ', dm: true })).toEqual({ kind: 'chat', text: 'hello', isDirect: true })
    expect(content.encode({ kind: 'chat', text: 'hello' })).toEqual({ k: 'chat', text: 'hello' })
  })

  it('keeps and counts the bytes of an application', () => {
    for (const bytes of [new ArrayBuffer(262_144), new Uint8Array(262_144), new DataView(new ArrayBuffer(8))])
      expect(content.decode({ k: 'app', data: bytes })).toEqual({ kind: 'app-data', data: bytes })
    expect(content.decode({ k: 'app', data: new ArrayBuffer(262_145) })).toEqual(new Refused('too-large', 'data'))
    expect(content.decode({ k: 'app', data: [new Uint8Array(262_143)] })).toEqual(new Refused('too-large', 'data'))
    expect(content.decode({ k: 'schema', name: 'n', schema: new Uint8Array(1) })).toEqual(new Refused('wrong-type', 'schema'))
  })

  it('refuses what no wire carries', () => {
    for (const data of [() => 1, Symbol('s'), 1n, new Map(), new Date(0), Number.NaN])
      expect(content.decode({ k: 'app', data })).toEqual(new Refused('wrong-type', 'data'))
  })

  it('lets app data survive as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (data) => {
        fc.pre(!JSON.stringify(data).includes('"__proto__"'))
        const found = content.decode({ k: 'app', data })
        if (found instanceof Refused) throw found
        expect(content.encode(found)).toEqual({ k: 'app', data })
      }),
    )
  })

  it('tells the two forms of an order and of a safety step apart', () => {
    const sent = [
      { k: 'order', token: 'a.b' },
      {
        k: 'order',
        order: { k: 'kbz-host-order.v1', room: 'standup', ban: [], lock: true, lobby: false, seq: 1, prev: '', iat: 5 },
      },
      { k: 'sas', n: 2, e: DIGEST, c: DIGEST },
      { k: 'sas', n: 2, r: 'A'.repeat(22) },
    ]
    const found = sent.map((message) => content.decode(message))
    expect(found.map((message) => (message instanceof Refused ? message : message.kind))).toEqual([
      'signed-order',
      'plain-order',
      'safety-commit',
      'safety-reveal',
    ])
    expect(found.map((message) => (message instanceof Refused ? message : content.encode(message)))).toEqual(sent)
  })

  it('reads what agents put into app data', () => {
    expect(readEnvelope({ __kib_agent: 'chat', text: 'hi' })).toEqual({ kind: 'agent-says', text: 'hi' })
    expect(readEnvelope({ __kib_agent: ['chat'] })).toEqual({ kind: 'raw-data', data: { __kib_agent: ['chat'] } })
    expect(readEnvelope({ __kib_agent: 'x' })).toEqual(new Refused('unknown-kind', 'data.__kib_agent'))
  })
})

describe('payment links', () => {
  it('never run code', () => {
    for (const link of ['javascript:alert(1)', ' JAVASCRIPT:x', 'java\tscript:x', 'vbscript:x', 'file:///etc', '//x'])
      expect(payHref(link)).toEqual(new Refused('pay-link'))
  })

  it('have an accepted scheme or none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (typed) => {
        const found = payHref(typed)
        expect(found instanceof Refused || /^(?:[a-z]+|web\+[a-z]+):/i.test(found)).toBe(true)
      }),
    )
  })
})
