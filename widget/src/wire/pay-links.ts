/**
 * Which payment links may be offered and opened: a short list of schemes, or a bare Lightning text.
 *
 * Whoever sends one and whoever shows one asks here, so `javascript:` and its like never become something to press.
 * Source: PROTOCOL 7.1.
 * Twin: kibitz/wire/pay_links.py.
 */
import { LIMITS } from './limits.ts'
import { Refused } from './refusal.ts'

const SCHEMES = 'https?|lightning|bitcoin|litecoin|monero|ethereum|upi|paypal|cashapp|venmo|web\\+[a-z]+'
const PRINTED = '[^\\x00-\\x20\\x7f-\\xa0\\u2028\\u2029]'
// Without the flag u: with it, letters outside of ASCII would match their ASCII look-alikes in another case.
const LINK = new RegExp(`^(?:${SCHEMES}):${PRINTED}+$`, 'i')
const LIGHTNING = /^(?:lnbc|lntb|lnurl)[0-9a-z]+$/i

/**
 * The address behind a payment link: trimmed, a bare Lightning text with its scheme.
 *
 * Refuses `too-long`, or `pay-link` for any other scheme and for blanks or control characters inside.
 */
export const payHref = (typed: string): string | Refused => {
  const link = typed.toWellFormed().trim()
  if (link.length > LIMITS.pay_url_chars) return new Refused('too-long')
  if (LIGHTNING.test(link)) return `lightning:${link}`
  return LINK.test(link) ? link : new Refused('pay-link')
}
