// What an app on stock PeerJS does with a broker. Each trial answers what the app would notice; the caller knows what to expect.
// `brokers` are origins other than this page's: the peers of a trial take them in turn, so with two that share their ids the
// first peer and the second are at different ones. Ids are new in every trial, so that trials cannot meet.
'use strict'

const PATIENCE_MS = 30_000 // ends a trial that is stuck; nothing is measured with it
const CLAIMS = 100 // how often an id is asked for that its holder just gave up

let brokers = []
const peers = []

const fresh = (name) => `${name}-${crypto.randomUUID()}`

function peer(id, options = {}) {
  const { hostname: host, port } = new URL(brokers[peers.length % brokers.length])
  const settings = { host, port, path: '/', secure: false, config: { iceServers: [] }, ...options }
  const made = id ? new Peer(id, settings) : new Peer(settings)
  peers.push(made)
  return made
}

const once = (emitter, event) => new Promise((resolve) => emitter.once(event, resolve))

/** The peer once it is open; rejects with the kind of error. */
function opened(made) {
  return new Promise((resolve, reject) => {
    made.once('open', () => resolve(made))
    made.once('error', (error) => reject(new Error(error.type)))
  })
}

const kindOfError = (made) => new Promise((resolve) => made.once('error', (error) => resolve(error.type)))

/** Two open ends of a data connection from ann to ben. */
async function linked(ann, ben, options) {
  const arrives = once(ben, 'connection')
  const near = ann.connect(ben.id, { reliable: true, ...options })
  const far = await arrives
  await Promise.all([near, far].map((end) => end.open || once(end, 'open')))
  return [near, far]
}

/** A message there and another back, as they arrive. */
async function exchanged([near, far], message, answer) {
  const there = once(far, 'data')
  near.send(message)
  const arrived = await there
  const back = once(near, 'data')
  far.send(answer)
  return [arrived, await back]
}

const pair = () => Promise.all([opened(peer(fresh('ann'))), opened(peer(fresh('ben')))])

const seen = (value) =>
  value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? [...new Uint8Array(value.buffer ?? value)] : value

async function structures(serialization) {
  const ends = await linked(...(await pair()), { serialization })
  const message = { text: 'Grüße 👋🏽', numbers: [0, -1, 1.5, 2 ** 31], nothing: null, deep: { list: [[], {}] } }
  const [there, back] = await exchanged(ends, message, 'an answer')
  return { serialization: ends[1].serialization, there, back }
}

async function bytes(serialization) {
  const ends = await linked(...(await pair()), { serialization })
  const [there, back] = await exchanged(ends, new Uint8Array([0, 127, 255]), new Uint8Array([1]).buffer)
  return [seen(there), seen(back)]
}

/** Random bytes in pieces, there and back; whether they came whole. */
async function pieces() {
  const sizeBytes = 40_000
  const sent = [0, 1].map(() => crypto.getRandomValues(new Uint8Array(sizeBytes)))
  const got = await exchanged(await linked(...(await pair())), ...sent)
  return got.map((value, index) => String(seen(value)) === String([...sent[index]]))
}

/** Whether pictures of a stream move, and which tracks it has. */
async function shown(stream) {
  const video = document.querySelector('video')
  video.srcObject = stream
  await video.play()
  await new Promise((resolve) => video.requestVideoFrameCallback(() => video.requestVideoFrameCallback(resolve)))
  return stream
    .getTracks()
    .map((track) => track.kind)
    .sort()
}

async function media() {
  const [ann, ben] = await pair()
  const own = await navigator.mediaDevices.getUserMedia({ audio: true, video: true })
  const rings = once(ben, 'call')
  const near = ann.call(ben.id, own, { metadata: { from: 'ann' } })
  const far = await rings
  const [farHears, nearHears] = [once(far, 'stream'), once(near, 'stream')]
  far.answer(own)
  const tracks = [await shown(await farHears), await shown(await nearHears)]
  const ends = once(far, 'close')
  near.close()
  await ends
  for (const track of own.getTracks()) track.stop()
  return { tracks, metadata: far.metadata }
}

async function takenId() {
  const holder = await opened(peer(fresh('room')))
  const late = peer(holder.id)
  const kind = await kindOfError(late)
  return { kind, destroyed: late.destroyed, holderIsOpen: holder.open }
}

async function missingPeer(id) {
  const ann = await opened(peer(fresh('ann')))
  const kinds = []
  ann.on('error', (error) => kinds.push(error.type))
  const told = once(ann, 'error')
  ann.connect(id)
  await told
  const [near, far] = await linked(ann, await opened(peer(fresh('ben')))) // she can still meet others
  return { kinds, others: near.open && far.open }
}

async function reconnects() {
  const [ann, ben] = await pair()
  const before = await linked(ann, ben)
  const id = ann.id
  ann.disconnect()
  const meanwhile = await exchanged(before, 'still', 'here')
  ann.reconnect()
  await opened(ann)
  const after = await exchanged(await linked(ben, ann), 'dialled', 'again')
  return { isSameId: ann.id === id, meanwhile, after, beforeIsOpen: before.every((end) => end.open) }
}

/** Somebody else gets an id that was given up, and is reached by it. */
async function freedId() {
  const [ann, ben] = await pair()
  const id = ann.id
  ann.destroy()
  for (let tries = 1; tries <= CLAIMS; tries += 1) {
    const next = peer(id)
    const kind = await opened(next).then(
      () => '',
      (error) => error.message,
    )
    if (!kind) return (await linked(ben, next)).every((end) => end.open)
    if (kind !== 'unavailable-id') return kind
  }
  return 'the id stayed taken'
}

/** A page that dials while the other still registers. */
async function earlyDial() {
  const ann = await opened(peer(fresh('ann')))
  const late = fresh('ben')
  const near = ann.connect(late)
  const ben = peer(late)
  const far = await once(ben, 'connection')
  await Promise.all([near, far].map((end) => end.open || once(end, 'open')))
  return [near.open, far.open]
}

async function anonymous() {
  const ann = await opened(peer(''))
  return /^[0-9a-f-]{36}$/.test(ann.id)
}

async function heartbeats() {
  const often = { pingInterval: 20 }
  const [ann, ben] = await Promise.all(['ann', 'ben'].map((name) => opened(peer(fresh(name), often))))
  const first = await exchanged(await linked(ann, ben), 1, 2)
  return { first, open: [ann.open, ben.open] }
}

const TRIALS = {
  binary: () => structures('binary'),
  'binary-utf8': () => structures('binary-utf8'),
  json: () => structures('json'),
  raw: async () => exchanged(await linked(...(await pair()), { serialization: 'raw' }), 'Grüße 👋🏽', 'an answer'),
  'bytes as binary': () => bytes('binary'),
  'bytes as raw': () => bytes('raw'),
  'pieces both ways': pieces,
  media,
  'taken id': takenId,
  'missing peer': () => missingPeer(fresh('nobody')),
  'peer that cannot be': () => missingPeer('nobody/at all-'),
  reconnect: reconnects,
  'freed id': freedId,
  'early dial': earlyDial,
  anonymous,
  'foreign key': () => kindOfError(peer(fresh('ann'), { key: 'other' })),
  'anonymous with a foreign key': () => kindOfError(peer('', { key: 'other' })),
  heartbeats,
}

window.runTrial = async (name, origins) => {
  brokers = origins
  let timer
  const patience = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('the trial is stuck')), PATIENCE_MS)
  })
  try {
    return await Promise.race([TRIALS[name](), patience])
  } finally {
    clearTimeout(timer)
    for (const made of peers.splice(0)) made.destroy()
  }
}
