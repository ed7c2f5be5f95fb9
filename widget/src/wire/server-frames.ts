/**
 * What the broker sends to a client, read down to the session description.
 *
 * Limit: a client's largest frame plus the sender's id. Source: PROTOCOL 12.5.
 * Twin: kibitz/wire/server_frames.py.
 */
import { peerId, readFrame } from './broker-frames.ts'
import { type Decoded, type Field, filled, flag, oneOf, opaque, optional, record, shown, tagged, text, whole } from './codec.ts'
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'

const connection = {
  lane: ['type', oneOf('data', 'media')],
  connectionId: ['connectionId', text(LIMITS.connection_id_chars, 1)],
} as const

const sdp = text(LIMITS.server_frame_bytes, 1)

/**
 * What dials a connection.
 *
 * lane: `data` or `media`; serialization: the dialler's choice, which the other side follows; metadata: not used by us.
 */
export const offerPayload = record('offer-payload', {
  description: ['sdp', record('description', { type: ['type', oneOf('offer')], sdp: ['sdp', sdp] })],
  ...connection,
  label: ['label', filled(text(LIMITS.channel_label_chars))],
  isReliable: ['reliable', optional(flag)],
  serialization: ['serialization', optional(oneOf('binary', 'binary-utf8', 'json', 'raw'))],
  metadata: ['metadata', optional(opaque(LIMITS.meta_json_chars))],
})
export type OfferPayload = Decoded<typeof offerPayload>

/** What answers a dialled connection. */
export const answerPayload = record('answer-payload', {
  description: ['sdp', record('description', { type: ['type', oneOf('answer')], sdp: ['sdp', sdp] })],
  ...connection,
})
export type AnswerPayload = Decoded<typeof answerPayload>

/** A trickled candidate of one connection (WebRTC, RTCIceCandidateInit); an empty line ends a generation. */
export const candidatePayload = record('candidate-payload', {
  candidate: [
    'candidate',
    record('candidate', {
      line: ['candidate', text(LIMITS.candidate_chars)],
      sectionId: ['sdpMid', optional(text(LIMITS.candidate_chars))],
      sectionIndex: ['sdpMLineIndex', optional(whole(0, 65535))],
      userFragment: ['usernameFragment', optional(text(LIMITS.candidate_chars))],
    }),
  ],
  ...connection,
})
export type CandidatePayload = Decoded<typeof candidatePayload>

const source: Field<string> = ['src', peerId]

/** message: in the broker's words, for a log; nobody tells two problems apart by them. */
const problem = record('problem-payload', { message: ['msg', shown(LIMITS.problem_chars)] })

export const serverFrame = tagged(
  'type',
  {
    OPEN: record('opened', {}),
    'ID-TAKEN': record('id-taken', {}),
    'INVALID-KEY': record('invalid-key', {}),
    HEARTBEAT: record('server-heartbeat', {}),
    ERROR: record('problem', { payload: ['payload', problem] }),
    LEAVE: record('left', { source }),
    EXPIRE: record('expired', { source }),
    OFFER: record('offer', { source, payload: ['payload', offerPayload] }),
    ANSWER: record('answer', { source, payload: ['payload', answerPayload] }),
    CANDIDATE: record('trickle', { source, payload: ['payload', candidatePayload] }),
  },
  {
    OPEN: 'opened',
    'ID-TAKEN': 'id-taken',
    'INVALID-KEY': 'invalid-key',
    HEARTBEAT: 'server-heartbeat',
    ERROR: 'problem',
    LEAVE: 'left',
    EXPIRE: 'expired',
    OFFER: 'offer',
    ANSWER: 'answer',
    CANDIDATE: 'trickle',
  },
)
export type ServerFrame = Decoded<typeof serverFrame>

/** One frame of the broker; refuses what readFrame and its table refuse. */
export const readServerFrame = (frame: string): ServerFrame | Refused => {
  const value = readFrame(frame, LIMITS.server_frame_bytes)
  return value instanceof Refused ? value : serverFrame.decode(value)
}
