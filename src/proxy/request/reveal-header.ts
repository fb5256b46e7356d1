/**
 * `Celosia-Reveal: classes=(payment.card), reason="refund 8123"`: a dictionary of RFC 9651 in its one canonical spelling, so
 * that nothing in it stands twice, is read by somebody in another way, or goes unread.
 */
import { DisplayString, parseDictionary, serializeDictionary, Token } from 'structured-headers'
import type { RevealReason, RevealRequest } from '../../rules/reveal/reveal-rules.ts'

/** Longest header. */
const CHARS_MAX = 4_096
/** Longest free text, in UTF-16 units. */
const TEXT_UNITS_MAX = 500
/** Classes of one request. */
const CLASSES_MAX = 8
/** Longest name of a class. */
const CLASS_CHARS_MAX = 128
/** The id of a grant: a UUID. */
const GRANT = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** A code, and the id of a ticket. */
const REASON = /^([a-z][a-z0-9-]{0,63})(?: ([A-Za-z0-9_-]{1,128}))?$/

/** Undefined where the header is not in that form. */
export function parseReveal(text: string): RevealRequest | undefined {
  const members = canonicalMembers(text)
  if (members === undefined) return undefined
  const { classes, reason, text: said, grant, ...others } = members
  if (Object.keys(others).length > 0) return undefined
  const names = classNames(classes)
  const why = reason === undefined ? undefined : parseReason(reason)
  if (names === undefined || (reason !== undefined && why === undefined)) return undefined
  if (grant !== undefined && !(typeof grant === 'string' && GRANT.test(grant))) return undefined
  const words = said === undefined ? undefined : parseText(said)
  if (said !== undefined && words === undefined) return undefined
  return { classes: names, reason: why, text: words, grant }
}

function canonicalMembers(text: string): Readonly<Record<string, unknown>> | undefined {
  if (text.length > CHARS_MAX) return undefined
  try {
    const dictionary = parseDictionary(text)
    if (serializeDictionary(dictionary) !== text) return undefined
    const members = [...dictionary].map(([name, [value, parameters]]) => ({
      name,
      value,
      parameters,
    }))
    if (members.some(({ parameters }) => parameters.size > 0)) return undefined
    return Object.fromEntries(members.map(({ name, value }) => [name, value]))
  } catch {
    return undefined
  }
}

function classNames(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > CLASSES_MAX) return undefined
  const names = value.flatMap((item: unknown) => {
    const [name, parameters] = item as readonly [unknown, ReadonlyMap<string, unknown>]
    const plain = name instanceof Token && parameters.size === 0
    return plain && name.toString().length <= CLASS_CHARS_MAX ? [name.toString()] : []
  })
  const sorted = [...new Set(names)].toSorted()
  return sorted.length === value.length ? sorted : undefined
}

function parseReason(value: unknown): RevealReason | undefined {
  const [, code, ticket] = typeof value === 'string' ? (REASON.exec(value) ?? []) : []
  return code === undefined ? undefined : { code, ticket }
}

// A string, or a display string where it has more than ASCII (RFC 9651 3.3.3, 3.3.8).
function parseText(value: unknown): string | undefined {
  const text = value instanceof DisplayString ? value.toString() : value
  const good =
    typeof text === 'string' &&
    text.trim() === text &&
    text !== '' &&
    text.length <= TEXT_UNITS_MAX &&
    !/\p{C}/u.test(text)
  return good ? text : undefined
}
