// npm `peer` as its documentation starts it, on 127.0.0.1: `node peer_server.mjs PORT`.
import { PeerServer } from 'peer'

const MOST_SOCKETS = 20_000

PeerServer({ port: Number(process.argv[2]), host: '127.0.0.1', path: '/', concurrent_limit: MOST_SOCKETS })
