/**
 * The signed guest list of a room (`gm`, sealed `ge`): who may come in, by address, name, domain, hash or agent key.
 *
 * A list that could admit nobody is refused; one of domains alone is valid (0.11). With hashes, addresses are compared
 * only by hash. Domains count for proven addresses, never in the mode `names`. Rows for people to look at that are not
 * readable are left out; what decides who may come in is never left out but refused.
 * Source: PROTOCOL.md 0.11, 9.3. Twin: kibitz/wire/manifests.py.
 */
import { type Codec, type Decoded, fallback, filled, kept, many, mark, matching, oneOf, optional, record, text } from './codec.ts'
import { memberHash, normalIdentity } from './fingerprints.ts'
import { grant } from './grants.ts'
import { type PublicKey, publicKey, type SigningKey } from './keys.ts'
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'
import { openRecord, runOut, seconds, signRecord, wrongRoom } from './tokens.ts'

const NAMES = 'names'
const SIGN_IN = 'google'

const identity = text(LIMITS.identity_chars)
const MOST = LIMITS.manifest_entries

/** A row of the list people see. method: oidc (a domain), signin or mail (an address); isShown: show an oidc address. */
export const invitee = record('invitee', {
  method: ['method', oneOf('oidc', 'signin', 'mail')],
  identity: ['id', filled(identity)],
  domain: ['domain', filled(identity)],
  name: ['name', filled(identity)],
  isShown: ['show', mark],
})
export type Invitee = Decoded<typeof invitee>

/** An agent that may come in, and what it may do there; no grant means the default of an agent. */
const agentKey = record('agent-key', {
  key: ['key', publicKey],
  grant: ['caps', optional(grant)],
  label: ['label', filled(text(LIMITS.agent_label_chars))],
})
export type AgentKey = Decoded<typeof agentKey>

/** A list that is not written when it is empty. */
const listed = <T>(item: Codec<readonly T[]>): Codec<readonly T[]> => ({
  decode: item.decode,
  encode: (value) => (value.length > 0 ? item.encode(value) : undefined),
  absent: () => [],
})

/** A guest list. mode: invite, google or names; expiresAt: epoch seconds; hashes: see memberHash. */
export const manifest = record('manifest', {
  members: ['members', fallback(many(identity, MOST), [])],
  mode: ['mode', oneOf('invite', SIGN_IN, NAMES)],
  room: ['room', text(LIMITS.room_chars)],
  expiresAt: ['exp', seconds],
  domains: ['domains', listed(many(identity, MOST))],
  hashes: ['mh', listed(many(matching('[A-Za-z0-9_-]{43}', LIMITS.digest_chars), MOST))],
  invitees: ['invitees', listed(kept(invitee, MOST))],
  agentKeys: ['agentKeys', listed(kept(agentKey, MOST))],
})
export type Manifest = Decoded<typeof manifest>

/** The `gm` of a room. */
export const signManifest = (value: Manifest, creator: SigningKey): Promise<string> => signRecord(manifest, value, creator)

/**
 * A guest list that holds; mode: what the link says, null for any.
 * Order: the token's refusals, `wrong-kind`, the fields', `wrong-room`, `wrong-mode`, `expired`, `no-members`.
 */
export const checkManifest = async (
  token: string,
  creator: PublicKey,
  here: { readonly room: string; readonly mode: string | null; readonly now: number },
): Promise<Manifest | Refused> => {
  const found = await openRecord(token, creator, { claims: manifest, maxChars: LIMITS.link_manifest_chars })
  if (found instanceof Refused) return found
  return (
    wrongRoom(found.room, here.room) ??
    wrongMode(found, here.mode) ??
    runOut(found.expiresAt, here.now) ??
    deserted(found) ??
    found
  )
}

const wrongMode = (found: Manifest, mode: string | null): Refused | null =>
  mode === null || found.mode === mode ? null : new Refused('wrong-mode', 'mode')

/** Whether nobody could come in: blank entries name nobody, and a domain nobody who only picks a name. */
const deserted = ({ mode, members, domains, hashes, agentKeys }: Manifest): Refused | null => {
  const isSomebodyNamed =
    hashes.length > 0 || agentKeys.length > 0 || members.some(normalIdentity) || (mode !== NAMES && domains.some(domainOf))
  return isSomebodyNamed ? null : new Refused('no-members', 'members')
}

/** Whether a proven address (in the mode names: a picked name) is on the list. */
export const admits = async (found: Manifest, shown: string): Promise<boolean> => {
  const wanted = normalIdentity(shown)
  if (wanted === '') return false
  const isListed =
    found.hashes.length > 0
      ? found.hashes.includes(await memberHash(shown, found.room))
      : found.members.some((member) => normalIdentity(member) === wanted)
  return isListed || (found.mode !== NAMES && isOfDomain(wanted, found.domains))
}

const isOfDomain = (wanted: string, domains: readonly string[]): boolean => {
  const at = wanted.lastIndexOf('@')
  const domain = wanted.slice(at + 1)
  return at >= 0 && domain !== '' && domains.some((entry) => domainOf(entry) === domain)
}

const domainOf = (entry: string): string => normalIdentity(entry).replace(/^@/, '')

interface ListRules {
  readonly room: string
  /** Epoch seconds. */
  readonly expiresAt: number
  readonly agentKeys?: readonly AgentKey[]
}

/** A list from rows of an invitation form (9.3): addresses of signin and mail, domains of oidc; blank rows are dropped. */
export const manifestOf = (rows: readonly Invitee[], rules: ListRules): Manifest => ({
  kind: 'manifest',
  members: rows.flatMap((row) => (row.method !== 'oidc' && filledIn(row.identity) ? [row.identity] : [])),
  mode: SIGN_IN,
  room: rules.room,
  expiresAt: rules.expiresAt,
  domains: rows.flatMap((row) => (row.method === 'oidc' && filledIn(row.domain) ? [row.domain] : [])),
  hashes: [],
  invitees: rows.filter((row) => row.method === 'oidc' || filledIn(row.identity)).map(written),
  agentKeys: rules.agentKeys ?? [],
})

const filledIn = (told: string | undefined): told is string => told !== undefined && normalIdentity(told) !== ''

const written = (row: Invitee): Invitee => (row.method === 'oidc' && !row.isShown ? { ...row, identity: undefined } : row)

/** The same list without a readable address: members by hash, rows without addresses unless they are shown. */
export const hashed = async (found: Manifest): Promise<Manifest> => ({
  ...found,
  members: [],
  hashes: [...found.hashes, ...(await Promise.all(found.members.map((member) => memberHash(member, found.room))))],
  invitees: found.invitees.map((row) => (row.isShown ? row : { ...row, identity: undefined })),
})
