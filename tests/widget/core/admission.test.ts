import { describe, expect, it } from 'vitest'
import { whyClosed } from '../../../widget/src/core/admission.ts'
import { readLink } from '../../../widget/src/wire/links.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'

const closed = (link: string): string | undefined => {
  const opened = readLink(link, 'https://call.example')
  return opened instanceof Refused ? opened.code : whyClosed(opened.params, opened.raw)?.code
}

describe('admission', () => {
  it.each(['standup', '#standup', '#standup?d=Spring%20plan', '#standup?ghn=Ann', '?foo=1#standup'])('opens %s', (link) => {
    expect(closed(link)).toBeUndefined()
  })

  it.each([
    '#standup?g=names&gn=Ann',
    '#standup?gl=1',
    '#standup?gx=1',
    '#standup?gho=ann%40post.example',
    '#standup?gh=damaged',
    '#standup?ghk=AQ',
  ])('keeps %s closed, since nobody would check its rule', (link) => {
    expect(closed(link)).toBe('door-not-here')
  })

  it.each(['#standup?g=passkey', '#standup?gx=2'])('keeps %s closed: a link of the future', (link) => {
    expect(closed(link)).toBe('link-too-new')
  })
})
