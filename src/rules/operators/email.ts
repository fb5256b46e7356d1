/** `email`: the first character of the local part and, unless hidden too, the domain. */
import { defineOperator } from './shared/define-operator.ts'
import { firstGrapheme, graphemesOf } from './shared/graphemes.ts'
import { MARK } from './shared/marks.ts'
import { textOperator } from './shared/text-operator.ts'

// One address as people write it (a subset of RFC 5321 4.1.2): no quotes, comments, lists or address literals.
const LOCAL = /^[^\s"<>(),:;[\]\\@\p{C}]{1,64}$/u
const PUNCTUATION = /[._+-]/g
const DOMAIN = /^[\p{L}\p{N}][\p{L}\p{M}\p{N}.-]{0,252}$/u

/** A run of the hidden part of this length that the domain repeats hides the domain too (jane.doe@janedoe.example). */
const RUN_UNITS = 6

export const email = defineOperator<{ readonly domain?: 'keep' | 'hide' }>({
  name: 'email',
  summary:
    'Keeps the first character of the local part and the domain: j***@example.com; with domain: hide, j***@***. A local part of one character is hidden whole; what is not one address is redacted.',
  parameters: {
    type: 'object',
    properties: { domain: { enum: ['keep', 'hide'] } },
    additionalProperties: false,
    default: {},
  },
  example: 'email',
  build: ({ domain = 'keep' }) =>
    textOperator({
      name: 'email',
      id: `email(${domain})`,
      mask: (text) => maskedAddress(text, domain === 'hide'),
    }),
})

function maskedAddress(text: string, hideDomain: boolean): string | undefined {
  const at = text.lastIndexOf('@')
  if (at < 1) return undefined
  const local = text.slice(0, at)
  const domain = text.slice(at + 1)
  if (!LOCAL.test(local) || !(domain === MARK || DOMAIN.test(domain))) return undefined
  const hidden = hideDomain || repeatsRun(domain, local)
  return `${maskedLocal(local)}@${hidden ? MARK : domain}`
}

function maskedLocal(local: string): string {
  if (local === MARK) return MARK
  const first = firstGrapheme(local)
  const masked = first + MARK
  // One character is the whole part; one that grows together with the mark would not stay what it was.
  return first === local || graphemesOf(masked).length !== 1 + MARK.length ? MARK : masked
}

function repeatsRun(domain: string, local: string): boolean {
  if (local.length < RUN_UNITS || domain.length < RUN_UNITS) return false
  const haystack = lettersOf(domain)
  const needle = lettersOf(local)
  for (let at = 0; at + RUN_UNITS <= needle.length; at += 1) {
    if (haystack.includes(needle.slice(at, at + RUN_UNITS))) return true
  }
  return false
}

function lettersOf(text: string): string {
  return text.toLowerCase().replaceAll(PUNCTUATION, '')
}
