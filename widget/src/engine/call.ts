/**
 * One call: presence, mesh, own media and chat, wired together. Decides nothing itself; each part has its own file.
 */
import type { Clock } from '../ports/clock.ts'
import type { MediaDevices } from '../ports/media-devices.ts'
import type { Peer, Peers } from '../ports/peers.ts'
import type { Announce } from '../wire/presence.ts'
import type { Member } from '../wire/roster.ts'
import { type Lane, openLocalMedia } from './local-media.ts'
import { openMesh } from './mesh.ts'
import { openStar, type StarStatus } from './star.ts'

export interface Participant {
  readonly id: string
  readonly isSelf: boolean
  readonly name: string
  readonly isCameraOn: boolean
  /** Null where an older client does not say (PROTOCOL 0.18). */
  readonly isMicOn: boolean | null
  readonly stream: MediaStream | null
}

export interface CallState {
  readonly status: StarStatus
  readonly isMicOn: boolean
  readonly isCameraOn: boolean
  /** Self first, then the others in the order they came. */
  readonly participants: readonly Participant[]
}

export interface CallEvents {
  changed(state: CallState): void
  chat(from: Participant, text: string): void
}

export interface Call {
  toggle(lane: Lane): Promise<void>
  say(text: string): void
  leave(): void
}

export interface CallParts {
  readonly peers: Peers
  readonly devices: MediaDevices
  readonly clock: Clock
}

export interface CallOptions {
  readonly roomPeerId: string
  readonly name: string
  /** Stable for this tab, so that a returning tab takes its own seat back. */
  readonly seatToken: string
}

/** Joins muted and with the camera off. Answers null when the broker cannot be reached. */
export const joinCall = async (options: CallOptions, parts: CallParts, events: CallEvents): Promise<Call | null> => {
  let self: Peer | null = null
  let status: StarStatus = 'connecting'
  let members: readonly Member[] = []
  const streams = new Map<string, MediaStream>()

  const media = openLocalMedia(parts.devices, (track) => {
    mesh.replace(track)
    announce()
  })
  const mesh = openMesh(() => self, media, parts.clock, {
    message: (from, message) => {
      if (message.kind === 'chat') events.chat(describe(from), message.text)
    },
    stream: (mediaId, stream) => {
      if (stream) streams.set(mediaId, stream)
      else {
        streams.delete(mediaId)
        members = members.filter((member) => member.mediaId !== mediaId)
      }
      report()
    },
  })

  const opened = await parts.peers.open(null, mesh.events)
  if (typeof opened === 'string') {
    media.close()
    return null
  }
  self = opened
  const announcement = (): Announce => ({
    kind: 'announce',
    isInCall: true,
    hasCamera: media.isOn('video'),
    hasMicrophone: media.isOn('audio'),
    name: options.name,
    mediaId: opened.id,
    seatToken: options.seatToken,
  })
  const announce = () => {
    star.announce(announcement())
    report()
  }
  const describe = (mediaId: string): Participant => {
    const member = members.find((candidate) => candidate.mediaId === mediaId)
    return {
      id: mediaId,
      isSelf: false,
      name: member?.name ?? 'Guest',
      isCameraOn: member?.hasCamera ?? false,
      isMicOn: member?.hasMicrophone ?? null,
      stream: streams.get(mediaId) ?? null,
    }
  }
  const describeSelf = (): Participant => {
    const picture = media.picture()
    return {
      id: opened.id,
      isSelf: true,
      name: options.name,
      isCameraOn: media.isOn('video'),
      isMicOn: media.isOn('audio'),
      stream: picture && parts.devices.bundle([picture]),
    }
  }
  const report = () => {
    const others = members.filter((member) => member.mediaId !== opened.id).map((member) => describe(member.mediaId))
    events.changed({
      status,
      isMicOn: media.isOn('audio'),
      isCameraOn: media.isOn('video'),
      participants: [describeSelf(), ...others],
    })
  }

  const star = openStar(options.roomPeerId, parts.peers, parts.clock, {
    status: (next) => {
      status = next
      report()
    },
    roster: (next, term) => {
      mesh.follow(next, term)
      const listed = new Set(next.map((member) => member.mediaId))
      const unmet = members.filter((member) => !listed.has(member.mediaId) && mesh.holds(member.mediaId))
      members = [...unmet, ...next] // a new coordinator starts with an empty list; who we are linked with is still here
      report()
    },
  })

  announce()
  return {
    toggle: media.toggle,
    say: (text) => {
      mesh.broadcast({ kind: 'chat', text, isDirect: false })
      events.chat(describeSelf(), text)
    },
    leave: () => {
      mesh.close()
      star.close()
      opened.close()
      media.close()
    },
  }
}
