// npm `peer` 1.0.2 with its standard settings, on a free port of this machine; prints the port once it listens.
// As its README starts it, one unreadable frame ends the process, for nobody listens to its `error` event. `--listening` does.
// It ends with its standard input, and so with whoever started it, however that ends.
import { PeerServer } from 'peer'

const server = PeerServer({ host: '127.0.0.1', port: 0 }, (http) => console.log(http.address().port))
if (process.argv.includes('--listening')) server.on('error', () => {})
process.stdin.resume().once('end', () => process.exit())
