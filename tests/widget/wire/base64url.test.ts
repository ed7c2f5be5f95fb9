import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestText, readBase64url, readUtf8, utf8, writeBase64url } from '../../../widget/src/wire/base64url.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'

describe('base64url', () => {
  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
        expect(readBase64url(writeBase64url(data))).toEqual(Uint8Array.from(data))
      }),
    )
  })

  it('knows exactly one text for a value', () => {
    const close = fc.array(fc.constantFrom(...'AQgw_-9='), { maxLength: 12 }).map((chars) => chars.join(''))
    fc.assert(
      fc.property(close, (written) => {
        const data = readBase64url(written, 'proof')
        if (data instanceof Refused) expect(data).toEqual(new Refused('bad-base64', 'proof'))
        else expect(writeBase64url(data)).toBe(written)
      }),
    )
  })

  it('answers any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (written) => {
        const data = readBase64url(written)
        expect(data instanceof Uint8Array || data.code === 'bad-base64').toBe(true)
      }),
    )
  })

  it('refuses unused bits, padding and the other alphabet', () => {
    expect(readBase64url('_-8')).toEqual(Uint8Array.of(0xff, 0xef))
    for (const text of ['AB', '_-9', 'AA==', '+/8', 'AA\n', 'A']) expect(readBase64url(text)).toEqual(new Refused('bad-base64'))
  })

  it('writes more bytes than a call takes arguments', () => {
    const data = new Uint8Array(300_000).fill(7)
    expect(readBase64url(writeBase64url(data))).toEqual(data)
  })

  it('counts half a character as a replacement character', async () => {
    expect(await digestText('a\ud800')).toBe(await digestText('a\ufffd'))
  })

  it('keeps a byte order mark and refuses bad bytes', () => {
    expect(readUtf8(utf8('\ufeffa'))).toBe('\ufeffa')
    expect(readUtf8(Uint8Array.of(0xff))).toBeNull()
  })
})
