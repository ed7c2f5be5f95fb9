// What `wire` and `core` may use of the platform, beyond the language itself. Every entry exists in browsers, workers
// and Node alike. Anything not listed here (DOM, timers, Math.random's betters, Date) does not compile in those folders.

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>
}
declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  decode(bytes?: Uint8Array): string
}
declare class URLSearchParams implements Iterable<[string, string]> {
  constructor(init?: string)
  append(name: string, value: string): void
  toString(): string
  [Symbol.iterator](): IterableIterator<[string, string]>
}
declare function atob(base64: string): string
declare function btoa(latin1: string): string

interface JsonWebKey {
  kty?: string
  crv?: string
  x?: string
  y?: string
  d?: string
  ext?: boolean
  key_ops?: string[]
}
interface CryptoKey {
  readonly type: string
  readonly extractable: boolean
}
type WireBytes = Uint8Array<ArrayBuffer>
type AlgorithmName = {
  name: string
  hash?: string
  namedCurve?: string
  iv?: WireBytes
  salt?: WireBytes
  iterations?: number
  length?: number
}
interface SubtleCrypto {
  digest(algorithm: string, data: WireBytes): Promise<ArrayBuffer>
  importKey(
    format: 'jwk',
    key: JsonWebKey,
    algorithm: AlgorithmName,
    extractable: boolean,
    uses: readonly string[],
  ): Promise<CryptoKey>
  importKey(
    format: 'raw',
    key: WireBytes,
    algorithm: string | AlgorithmName,
    extractable: boolean,
    uses: readonly string[],
  ): Promise<CryptoKey>
  sign(algorithm: string | AlgorithmName, key: CryptoKey, data: WireBytes): Promise<ArrayBuffer>
  verify(algorithm: string | AlgorithmName, key: CryptoKey, signature: WireBytes, data: WireBytes): Promise<boolean>
  encrypt(algorithm: AlgorithmName, key: CryptoKey, data: WireBytes): Promise<ArrayBuffer>
  decrypt(algorithm: AlgorithmName, key: CryptoKey, data: WireBytes): Promise<ArrayBuffer>
  deriveBits(algorithm: AlgorithmName, key: CryptoKey, bits: number): Promise<ArrayBuffer>
}
/** Only `subtle`: randomness is an argument, never taken from here. */
declare const crypto: { readonly subtle: SubtleCrypto }
