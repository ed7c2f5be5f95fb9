// Fresh keys and values that the tests of signed things share.
import { type PublicKey, publicKey, type SigningKey } from '../../../widget/src/wire/keys.ts'
import { Refused } from '../../../widget/src/wire/refusal.ts'

export const NOW = 1_750_000_000
export const ROOM = 'standup'
export const OURS = Array(4).fill('ab:cd:ef:01:23:45:67:89').join(':')
export const THEIRS = Array(32).fill('11').join(':')

/** A key pair that lives as long as a test. */
export interface Signer {
  readonly secret: SigningKey
  readonly public: PublicKey
}

export const freshPair = (): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])

export const signer = async (): Promise<Signer> => {
  const pair = await freshPair()
  return { secret: pair.privateKey, public: accepted(publicKey.decode(await crypto.subtle.exportKey('jwk', pair.publicKey))) }
}

/** The value, which a test expects not to be a refusal. */
export const accepted = <T>(found: T | Refused): T => {
  if (found instanceof Refused) throw new Error(`refused: ${found.code} ${found.where}`)
  return found
}
