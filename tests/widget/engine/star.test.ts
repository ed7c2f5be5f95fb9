import { describe, expect, it } from 'vitest'
import { openStar, type StarStatus } from '../../../widget/src/engine/star.ts'
import { fakeClock } from '../../../widget/src/ports/fake-clock.ts'
import { type FakeNetwork, fakeNetwork } from '../../../widget/src/ports/fake-peers.ts'
import type { Announce } from '../../../widget/src/wire/presence.ts'

const ROOM = 'kbz-v1-standup'
const clock = fakeClock()

const join = (network: FakeNetwork, name: string) => {
  const seen: { roster: string[]; rosters: string[][]; status: StarStatus; history: StarStatus[]; term: number } = {
    roster: [],
    rosters: [],
    status: 'connecting',
    history: [],
    term: 0,
  }
  const star = openStar(ROOM, network, clock, {
    status: (status) => {
      seen.status = status
      seen.history.push(status)
    },
    roster: (members, term) => {
      seen.roster = members.map((member) => member.name)
      seen.rosters.push(seen.roster)
      seen.term = term
    },
  })
  const announce: Announce = {
    kind: 'announce',
    isInCall: true,
    hasCamera: false,
    name,
    mediaId: `media-${name}`,
    seatToken: `seat-${name}`,
  }
  star.announce(announce)
  return { seen, star, announce }
}

/** A connection to the coordinator by somebody who is not one of our clients. */
const stranger = async (network: FakeNetwork) => {
  const peer = await network.open(null, { linked: () => {}, called: () => {}, lost: () => {} })
  if (typeof peer === 'string') throw new Error(peer)
  const link = peer.link(ROOM)
  link.listen({ opened: () => {}, message: () => {}, closed: () => {} })
  await clock.pass(10)
  return link
}

describe('the star', () => {
  it('lets the first coordinate and the others join', async () => {
    const network = fakeNetwork()
    const ann = join(network, 'Ann')
    await clock.pass(10)
    const ben = join(network, 'Ben')
    const chidi = join(network, 'Chidi')
    await clock.pass(10)
    for (const person of [ann, ben, chidi]) {
      expect(person.seen.roster).toEqual(['Ann', 'Ben', 'Chidi'])
      expect(person.seen.status).toBe('connected')
    }
  })

  it('elects the next when the coordinator leaves, and the others follow', async () => {
    const network = fakeNetwork()
    const [ann, ben, chidi] = [join(network, 'Ann'), join(network, 'Ben'), join(network, 'Chidi')]
    await clock.pass(10)
    for (const person of [ben, chidi]) person.seen.rosters.length = 0
    ann.star.close()
    await clock.pass(10)
    for (const { seen } of [ben, chidi])
      for (const roster of seen.rosters) expect(roster).toEqual(expect.arrayContaining(['Ben', 'Chidi']))
    expect(ben.seen.status).toBe('reconnecting')
    await clock.pass(2_000)
    for (const person of [ben, chidi]) expect([...person.seen.roster].sort()).toEqual(['Ben', 'Chidi'])
    expect(ben.seen.term).toBe(2)
  })

  it('frees the seat of somebody who fell silent after 12 s, not before', async () => {
    const network = fakeNetwork()
    const ann = join(network, 'Ann')
    await clock.pass(10)
    const link = await stranger(network)
    link.send({ t: 'voice', on: true, cam: false, name: 'Ben', voiceId: 'media-Ben' })
    await clock.pass(11_000)
    expect(ann.seen.roster).toEqual(['Ann', 'Ben'])
    await clock.pass(4_000)
    expect(ann.seen.roster).toEqual(['Ann'])
  })

  it('gives up a coordinator that is silent, and tries again', async () => {
    const network = fakeNetwork()
    join(network, 'Ann')
    await clock.pass(10)
    const ben = join(network, 'Ben')
    await clock.pass(10)
    network.freeze(ROOM)
    await clock.pass(11_000)
    expect(ben.seen.history).toEqual(['connecting', 'connected'])
    await clock.pass(5_000)
    expect(ben.seen.history.slice(0, 3)).toEqual(['connecting', 'connected', 'reconnecting'])
  })

  it('keeps trying while the broker is away', async () => {
    const network = fakeNetwork()
    network.isDown = true
    const ann = join(network, 'Ann')
    await clock.pass(10)
    expect(ann.seen.status).toBe('unreachable')
    network.isDown = false
    await clock.pass(3_000)
    expect(ann.seen.roster).toEqual(['Ann'])
  })

  it('does not let what it cannot read change anything', async () => {
    const network = fakeNetwork()
    const ann = join(network, 'Ann')
    await clock.pass(10)
    const link = await stranger(network)
    for (const value of [
      null,
      7,
      [],
      { t: 'voice' },
      { t: 'voice', on: 'yes', cam: false, name: 'Eve' },
      { t: 'roster', members: [] },
    ])
      link.send(value)
    await clock.pass(10)
    expect(ann.seen.roster).toEqual(['Ann'])
  })
})
