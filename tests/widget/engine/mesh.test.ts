import { describe, expect, it } from 'vitest'
import type { LocalMedia } from '../../../widget/src/engine/local-media.ts'
import { openMesh } from '../../../widget/src/engine/mesh.ts'
import { fakeClock } from '../../../widget/src/ports/fake-clock.ts'
import { type FakeNetwork, fakeNetwork } from '../../../widget/src/ports/fake-peers.ts'
import type { Peer } from '../../../widget/src/ports/peers.ts'
import type { Member } from '../../../widget/src/wire/roster.ts'

const clock = fakeClock()
const stream = {} as MediaStream // only handed through
const media: LocalMedia = {
  stream: () => stream,
  isOn: () => false,
  picture: () => null,
  toggle: async () => {},
  close: () => {},
}
const member = (mediaId: string): Member => ({ kind: 'member', mediaId, name: mediaId, hasCamera: false })

const enter = async (network: FakeNetwork, id: string) => {
  let self: Peer | null = null
  const heard: string[] = []
  const seen = new Set<string>()
  const mesh = openMesh(() => self, media, clock, {
    message: (from, message) => {
      if (message.kind === 'chat') heard.push(`${from}: ${message.text}`)
    },
    stream: (mediaId, found) => {
      if (found) seen.add(mediaId)
      else seen.delete(mediaId)
    },
  })
  const opened = await network.open(id, mesh.events)
  if (typeof opened === 'string') throw new Error(opened)
  self = opened
  return { mesh, heard, seen, peer: opened }
}
const say = (text: string) => ({ kind: 'chat', text, isDirect: false }) as const

describe('the mesh', () => {
  it('connects each pair once, whoever hears of the other first', async () => {
    const network = fakeNetwork()
    const [a, b, c] = [await enter(network, 'a'), await enter(network, 'b'), await enter(network, 'c')]
    const all = ['a', 'b', 'c'].map(member)
    c.mesh.follow(all, 1)
    a.mesh.follow(all, 1)
    b.mesh.follow(all, 1)
    await clock.pass(10)
    a.mesh.broadcast(say('from a'))
    c.mesh.broadcast(say('from c'))
    await clock.pass(10)
    expect([a.heard, b.heard, c.heard]).toEqual([['c: from c'], ['a: from a', 'c: from c'], ['a: from a']])
    expect([[...a.seen].sort(), [...b.seen].sort(), [...c.seen].sort()]).toEqual([
      ['b', 'c'],
      ['a', 'c'],
      ['a', 'b'],
    ])
  })

  it('delivers nothing from an id that is not in the roster, and lets it go after 5 s', async () => {
    const network = fakeNetwork()
    const [a, eve] = [await enter(network, 'a'), await enter(network, 'b-eve')]
    a.mesh.follow([member('a')], 1)
    let isClosed = false
    const link = eve.peer.link('a')
    link.listen({
      opened: () => link.send({ k: 'chat', text: 'let me in' }),
      message: () => {},
      closed: () => {
        isClosed = true
      },
    })
    await clock.pass(4_900)
    expect([a.heard, isClosed]).toEqual([[], false])
    await clock.pass(200)
    expect([a.heard, isClosed]).toEqual([[], true])
  })

  it('takes a link that came before the roster that lists it', async () => {
    const network = fakeNetwork()
    const [a, b] = [await enter(network, 'a'), await enter(network, 'b')]
    a.mesh.follow(['a', 'b'].map(member), 1)
    await clock.pass(1_000)
    b.mesh.follow(['a', 'b'].map(member), 1)
    await clock.pass(10)
    a.mesh.broadcast(say('welcome'))
    await clock.pass(10)
    expect(b.heard).toEqual(['a: welcome'])
  })

  it('drops who the coordinator took off its list, but not who a new one has not met yet', async () => {
    const network = fakeNetwork()
    const [a, b] = [await enter(network, 'a'), await enter(network, 'b')]
    for (const one of [a, b]) one.mesh.follow(['a', 'b'].map(member), 1)
    await clock.pass(10)
    a.mesh.follow([member('a')], 2)
    expect([...a.seen]).toEqual(['b'])
    a.mesh.follow(['a', 'b'].map(member), 2)
    a.mesh.follow([member('a')], 2)
    expect([...a.seen]).toEqual([])
  })

  it('replaces a link by a newer one of the same member, and loses nothing', async () => {
    const network = fakeNetwork()
    const [a, b] = [await enter(network, 'a'), await enter(network, 'b')]
    for (const one of [a, b]) one.mesh.follow(['a', 'b'].map(member), 1)
    await clock.pass(10)
    const again = a.peer.link('b')
    again.listen({ opened: () => {}, message: () => {}, closed: () => {} })
    await clock.pass(10)
    expect([...b.seen]).toEqual(['a'])
    again.send({ k: 'chat', text: 'on the new link' })
    await clock.pass(10)
    expect(b.heard).toEqual(['a: on the new link'])
  })

  it('says goodbye, so that nobody waits for silence', async () => {
    const network = fakeNetwork()
    const [a, b] = [await enter(network, 'a'), await enter(network, 'b')]
    for (const one of [a, b]) one.mesh.follow(['a', 'b'].map(member), 1)
    await clock.pass(10)
    b.mesh.close()
    await clock.pass(10)
    expect([...a.seen]).toEqual([])
  })
})
