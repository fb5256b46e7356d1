/** The random shapes that canaries come in. Deterministic: a seed gives the same canaries again. */

/** What a canary looks like. */
export type CanaryKind = 'text' | 'email' | 'phone' | 'name' | 'card'

/** Draws whole numbers from 0 to `below` - 1. */
export type Draw = (below: number) => number

/** A value, cut into what is random and what every value of its kind has in common. */
export interface Shape {
  readonly value: string
  /** The parts that tell nothing by themselves, like the country code of a phone number. */
  readonly common: readonly string[]
}

// No letter of the hexadecimal digits: no id or digest can hold a piece of a canary by accident.
const LETTERS = 'ghijklmnopqrstuvwxyz'
const LETTERS_DIGITS = `${LETTERS}23456789`
const DIGITS = '0123456789'

const TOP_DOMAIN = '.example'
// 555 is an area code that is never given out (North American Numbering Plan).
const PHONE_PREFIX = '+1555'

/** One function a kind. */
export const SHAPES: Readonly<Record<CanaryKind, (draw: Draw) => Shape>> = {
  text: (draw) => ({ value: word(draw, LETTERS_DIGITS, 20), common: [] }),
  email: (draw) => ({
    value: `${word(draw, LETTERS_DIGITS, 14)}@${word(draw, LETTERS_DIGITS, 12)}${TOP_DOMAIN}`,
    common: [TOP_DOMAIN],
  }),
  phone: (draw) => ({ value: PHONE_PREFIX + word(draw, DIGITS, 7), common: [PHONE_PREFIX] }),
  name: (draw) => ({
    value: `${capital(word(draw, LETTERS, 8))} ${capital(word(draw, LETTERS, 9))}`,
    common: [],
  }),
  card: (draw) => ({ value: withCheckDigit(`4${word(draw, DIGITS, 14)}`), common: [] }),
}

/** Numbers from a seed by SplitMix32: well spread, and the same on every machine. Not for secrets. */
export function drawFrom(seed: number): Draw {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) % below
  }
}

/** The digits and the one that makes them pass the Luhn check (ISO/IEC 7812-1). */
export function withCheckDigit(digits: string): string {
  const sum = digits
    .split('')
    .toReversed()
    .reduce((total, digit, place) => {
      const weighted = Number(digit) * (place % 2 === 0 ? 2 : 1)
      return total + (weighted > 9 ? weighted - 9 : weighted)
    }, 0)
  return digits + String((10 - (sum % 10)) % 10)
}

/** A letter first, where the alphabet has letters, so that it reads as a word and never as a number. */
function word(draw: Draw, alphabet: string, length: number): string {
  const first = alphabet.startsWith('0') ? alphabet : LETTERS
  const pick = (from: string): string => from.charAt(draw(from.length))
  return pick(first) + Array.from({ length: length - 1 }, () => pick(alphabet)).join('')
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
