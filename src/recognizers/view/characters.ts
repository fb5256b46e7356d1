/**
 * Characters that people and programs write for others: fullwidth forms, digits of other scripts, blanks and dashes of all
 * kinds, and what has no width at all. Undone as NFKC has it, as far as the result is ASCII; other text stays as it is.
 */
import { CHARACTER, MARKS } from './marks.ts'

const IGNORABLE = /^\p{Default_Ignorable_Code_Point}$/u
const DIGIT = /^\p{Nd}$/u
const BLANK = /^\p{Zs}$/u
const DASH = /^[\p{Pd}\u2212]$/u
const PRINTABLE = /^[ -~]{1,4}$/

/** Full stops of other scripts, which domain names may be written with (RFC 3490 3.1), and the slashes of fractions. */
const LIKE_ASCII: ReadonlyMap<string, string> = new Map([
  ['\u3002', '.'],
  ['\uff61', '.'],
  ['\u2044', '/'],
  ['\u2215', '/'],
])
/** The ordinals of Spanish and Portuguese: NFKC makes letters of them, and they stand in addresses. */
const ORDINALS: ReadonlySet<string> = new Set(['\u00aa', '\u00ba'])

const UNITS = 0x1_0000
const FIRST_SURROGATE = 0xd800
const LAST_SURROGATE = 0xdfff

/** Filled as characters come up; those that stay are learned by losing their mark. */
const changed = new Map<number, string>()
/** Code points above the basic plane that are remembered. */
const ASTRAL_MAX = 4_096
const astral = new Map<number, string | undefined>()

/** What stands for the character at a place of a text: the ASCII text, empty where it has no width; undefined where it stays. */
export function plainTextAt(text: string, at: number): string | undefined {
  const unit = text.charCodeAt(at)
  if (((MARKS[unit] as number) & CHARACTER) === 0) return undefined
  if (unit >= FIRST_SURROGATE && unit <= LAST_SURROGATE) {
    return astralText(text.codePointAt(at) ?? unit)
  }
  return changed.get(unit) ?? learn(unit)
}

/** UTF-16 units of the character at a place. */
export function widthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) >= UNITS ? 2 : 1
}

/** A text in which every such character is undone. */
export function plainText(text: string): string {
  let plain = ''
  for (const character of text) plain += plainTextAt(character, 0) ?? character
  return plain
}

function learn(unit: number): string | undefined {
  const replacement = computed(String.fromCharCode(unit))
  if (replacement === undefined) MARKS[unit] = (MARKS[unit] as number) & ~CHARACTER
  else changed.set(unit, replacement)
  return replacement
}

function astralText(codePoint: number): string | undefined {
  if (astral.has(codePoint)) return astral.get(codePoint)
  const replacement = computed(String.fromCodePoint(codePoint))
  if (astral.size < ASTRAL_MAX) astral.set(codePoint, replacement)
  return replacement
}

function computed(character: string): string | undefined {
  if (IGNORABLE.test(character)) return ''
  if (DIGIT.test(character)) return String(digitValue(character))
  if (BLANK.test(character)) return ' '
  if (DASH.test(character)) return '-'
  if (ORDINALS.has(character)) return undefined
  const folded = LIKE_ASCII.get(character) ?? character.normalize('NFKC')
  return folded !== character && PRINTABLE.test(folded) ? folded : undefined
}

/** Decimal digits stand in runs of ten, in order of their value (Unicode 4.6). */
function digitValue(character: string): number {
  const folded = character.normalize('NFKC')
  if (/^[0-9]$/.test(folded)) return Number(folded)
  let before = 0
  for (
    let at = (character.codePointAt(0) ?? 0) - 1;
    DIGIT.test(String.fromCodePoint(at));
    at -= 1
  ) {
    before += 1
  }
  return before % 10
}
