/**
 * Data connections whose readers are total: what a peer sends is checked before anything unpacks or parses it, since
 * PeerJS's own readers throw, recurse and allocate as the sender likes. Who breaks a rule loses the connection, nobody else.
 *
 * The same bytes as PeerJS on the wire (PROTOCOL 12.5): BinaryPack in chunks of 16,300 bytes, or JSON, as the dialler chose.
 */
import { BufferedConnection, type SerializerMapping } from 'peerjs'
import { type Packable, pack, unpack } from 'peerjs-js-binarypack'
import { makeUnpack } from '../wire/binarypack.ts'
import { LIMITS } from '../wire/limits.ts'
import { Refused } from '../wire/refusal.ts'
import { isPlain, readJson } from '../wire/values.ts'

/** PeerJS's chunk: older browsers cut longer messages off between each other. */
const CHUNK_BYTES = 16_300
/** How many messages of one peer may be in the making at once. Channels are ordered, so stock clients need one. */
const UNFINISHED_MESSAGES = 4

const unpackWithin = makeUnpack((packed) => unpack(packed))

/** A message that arrives in pieces. */
interface Pieces {
  readonly total: number
  readonly found: Map<number, Uint8Array>
  bytes: number
}

class BoundedBinary extends BufferedConnection {
  readonly serialization = 'binary'
  readonly #unfinished = new Map<number, Pieces>()
  #sent = 0

  protected override _handleDataMessage({ data }: MessageEvent): void {
    if (!(data instanceof ArrayBuffer) || !this.#receive(new Uint8Array(data))) this.close()
  }

  /** Whether the bytes were in order. */
  #receive(bytes: Uint8Array<ArrayBuffer>): boolean {
    const value = unpackWithin(bytes)
    if (value instanceof Refused) return false
    if (!isPlain(value) || !Object.hasOwn(value, '__peerData')) {
      this.emit('data', value)
      return true
    }
    const whole = this.#collect(value)
    return whole === null || (whole !== false && this.#receive(whole))
  }

  /** The message a piece completes, null while pieces are missing, false if the piece is against the rules. */
  #collect(piece: Readonly<Record<string, unknown>>): Uint8Array<ArrayBuffer> | null | false {
    const { __peerData: id, n, total, data } = piece
    if (typeof id !== 'number' || typeof n !== 'number' || typeof total !== 'number' || !(data instanceof ArrayBuffer))
      return false
    const pieces = this.#unfinished.get(id) ?? { total, found: new Map(), bytes: 0 }
    pieces.bytes += data.byteLength
    const fits = total <= Math.ceil(LIMITS.pack_bytes / CHUNK_BYTES) && pieces.bytes <= LIMITS.pack_bytes
    if (!fits || total !== pieces.total || !Number.isInteger(n) || n < 0 || n >= total || pieces.found.has(n)) return false
    pieces.found.set(n, new Uint8Array(data))
    this.#unfinished.set(id, pieces)
    if (pieces.found.size < total) return this.#unfinished.size <= UNFINISHED_MESSAGES && null
    this.#unfinished.delete(id)
    return joined(pieces)
  }

  override _send(value: Packable): void {
    const packed = pack(value)
    if (packed instanceof Promise) throw new TypeError('a Blob has no place in a message')
    if (packed.byteLength <= CHUNK_BYTES) {
      this._bufferedSend(packed)
      return
    }
    this.#sent += 1
    const total = Math.ceil(packed.byteLength / CHUNK_BYTES)
    for (let n = 0; n < total; n += 1) {
      const data = packed.slice(n * CHUNK_BYTES, (n + 1) * CHUNK_BYTES)
      this._send({ __peerData: this.#sent, n, data, total })
    }
  }
}

const joined = (pieces: Pieces): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(pieces.bytes)
  let at = 0
  for (let n = 0; n < pieces.total; n += 1) {
    const piece = pieces.found.get(n)
    if (piece) whole.set(piece, at)
    at += piece?.byteLength ?? 0
  }
  return whole
}

class BoundedJson extends BufferedConnection {
  readonly serialization = 'json'
  readonly #decoder = new TextDecoder()
  readonly #encoder = new TextEncoder()

  protected override _handleDataMessage({ data }: MessageEvent): void {
    const text = data instanceof ArrayBuffer ? this.#decoder.decode(data) : data
    const value = typeof text === 'string' ? readJson(text) : new Refused('not-json')
    if (value instanceof Refused) this.close()
    else this.emit('data', value)
  }

  override _send(value: unknown): void {
    this._bufferedSend(this.#encoder.encode(JSON.stringify(value)).buffer)
  }
}

/** For PeerJS's option `serializers`: every codec a dialler may ask for that can carry our messages. */
export const boundedSerializers: SerializerMapping = {
  binary: BoundedBinary,
  'binary-utf8': BoundedBinary,
  default: BoundedBinary,
  json: BoundedJson,
}
