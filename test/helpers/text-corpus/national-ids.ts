/** Numbers that states and banks give, with right check digits, computed apart from the product's own checks. */
import type { Random } from '../../../demo/random.ts'
import { passesLuhn, withCheckDigit } from '../../../demo/records/luhn.ts'

const DNI_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE'
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** Areas 001 to 665 and 667 to 899, group and serial not zero. */
export function usSsn(random: Random): string {
  const area = 1 + random.below(898)
  const parts = [
    String(area >= 666 ? area + 1 : area).padStart(3, '0'),
    String(1 + random.below(99)).padStart(2, '0'),
    String(1 + random.below(9_999)).padStart(4, '0'),
  ]
  return parts.join(random.pick(['-', '-', '-', ' ']))
}

export function gbNino(random: Random): string {
  const prefix = random.pick(['AB', 'CE', 'JA', 'HL', 'PX', 'SR', 'WK', 'YZ'])
  const [a, b, c] = [random.digits(2), random.digits(2), random.digits(2)]
  const suffix = random.pick(['A', 'B', 'C', 'D'])
  return random.pick([`${prefix} ${a} ${b} ${c} ${suffix}`, `${prefix}${a}${b}${c}${suffix}`])
}

/** A DNI, or one in three times a NIE. */
export function esDni(random: Random): string {
  const foreigner = random.chance(33)
  const lead = foreigner ? random.below(3) : undefined
  const digits = random.digits(foreigner ? 7 : 8)
  const letter = DNI_LETTERS.charAt(Number(`${lead ?? ''}${digits}`) % 23)
  const head = lead === undefined ? '' : 'XYZ'.charAt(lead)
  const dotted = digits.length === 8 ? digits.replace(/(..)(...)(...)/, '$1.$2.$3') : digits
  return random.pick([
    `${head}${digits}${letter}`,
    `${head}${digits}${letter}`,
    `${head}${digits}-${letter}`,
    `${head === '' ? '' : `${head}-`}${digits}-${letter}`,
    `${head}${dotted}-${letter}`,
    `${head}${digits}${letter}`.toLowerCase(),
  ])
}

export function esCif(random: Random): string {
  const digits = random.digits(7)
  let sum = 0
  for (const [index, char] of [...digits].entries()) {
    const doubled = Number(char) * 2
    sum += index % 2 === 1 ? Number(char) : doubled > 9 ? doubled - 9 : doubled
  }
  const head = random.pick(['A', 'B'])
  const written = `${head}${digits}${(10 - (sum % 10)) % 10}`
  return random.pick([written, written, written.replace(/^(.)/, '$1-')])
}

export function frNir(random: Random): string {
  const month = String(1 + random.below(12)).padStart(2, '0')
  const department = String(1 + random.below(95))
    .padStart(2, '0')
    .replace('20', '21')
  const head = `${1 + random.below(2)}${random.digits(2)}${month}${department}${random.digits(3)}${random.digits(3)}`
  const key = String(97 - Number(BigInt(head) % 97n)).padStart(2, '0')
  const spaced = `${head.replace(/(.)(..)(..)(..)(...)(...)/, '$1 $2 $3 $4 $5 $6')} ${key}`
  return random.pick([spaced, spaced, head + key])
}

/** One digit stands twice among the first ten, the others once at most; ISO/IEC 7064 MOD 11,10 behind. */
export function deIdnr(random: Random): string {
  const rest = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']
  const taken = Array.from({ length: 9 }, () => rest.splice(random.below(rest.length), 1)[0] ?? '')
  if (taken[0] === '0') taken.reverse()
  // Behind a neighbour that differs, so that no digit stands three times in a row.
  taken.splice(2 + random.below(7), 0, taken[0] ?? '')
  const head = taken.join('')
  let product = 10
  for (const char of head) {
    const sum = (Number(char) + product) % 10
    product = ((sum === 0 ? 10 : sum) * 2) % 11
  }
  const written = `${head}${(11 - product) % 10}`
  return random.pick([written, written.replace(/(..)(...)(...)(...)/, '$1 $2 $3 $4')])
}

export function ptNif(random: Random): string {
  const head = `${random.pick(['1', '2', '2', '3'])}${random.digits(7)}`
  const sum = [...head].reduce((total, char, index) => total + Number(char) * (9 - index), 0)
  const check = 11 - (sum % 11)
  const written = `${head}${check > 9 ? 0 : check}`
  return random.pick([written, written.replace(/(...)(...)(...)/, '$1 $2 $3')])
}

export function brCpf(random: Random): string {
  let digits = random.digits(9)
  for (const length of [9, 10]) {
    const sum = [...digits].reduce((all, char, at) => all + Number(char) * (length + 1 - at), 0)
    digits += String(((sum * 10) % 11) % 10)
  }
  const dotted = digits.replace(/(...)(...)(...)(..)/, '$1.$2.$3-$4')
  return random.pick([dotted, dotted, digits])
}

const IBAN_LENGTHS = { DE: 22, ES: 24, FR: 27, GB: 22, PT: 25, NL: 18, IT: 27, BE: 16 } as const

/** ISO 13616: bank codes of letters where the country has them. */
export function iban(random: Random, country: keyof typeof IBAN_LENGTHS): string {
  const letters = (count: number): string =>
    Array.from({ length: count }, () => random.pick([...LETTERS])).join('')
  const head = { GB: () => letters(4), NL: () => letters(4), IT: () => letters(1) }[
    country as string
  ]
  const start = head?.() ?? ''
  const account = start + random.digits(IBAN_LENGTHS[country] - 4 - start.length)
  const numeric = [...`${account}${country}00`].map((char) => Number.parseInt(char, 36)).join('')
  const check = String(98n - (BigInt(numeric) % 97n)).padStart(2, '0')
  const written = `${country}${check}${account}`
  const spaced = written.replaceAll(/.{4}(?=.)/g, '$& ')
  return random.pick([
    written,
    spaced,
    spaced,
    spaced.replaceAll(' ', '\u00a0'),
    written.toLowerCase(),
  ])
}

const CARD_KINDS = [
  { prefixes: ['4'], length: 16 },
  { prefixes: ['51', '52', '53', '54', '55', '2221', '2720'], length: 16 },
  { prefixes: ['34', '37'], length: 15 },
  { prefixes: ['6011', '65'], length: 16 },
  { prefixes: ['36', '38'], length: 14 },
  { prefixes: ['3528', '3589'], length: 16 },
] as const

/** Payment cards of the large issuers, mostly of the first two. */
export function card(random: Random): string {
  const kind = random.chance(75) ? CARD_KINDS[random.below(2)] : random.pick(CARD_KINDS)
  const { prefixes, length } = kind ?? CARD_KINDS[0]
  const prefix = random.pick<string>(prefixes)
  const number = withCheckDigit(prefix + random.digits(length - prefix.length - 1))
  if (!passesLuhn(number)) throw new RangeError('not a card number')
  const groups = {
    16: /(....)(....)(....)(....)/,
    15: /(....)(......)(.....)/,
    14: /(....)(......)(....)/,
  }
  const spaced = number.replace(groups[length], '$1 $2 $3 $4').replace(/ \$4$/, '').trim()
  return random.pick([
    number,
    spaced,
    spaced,
    spaced.replaceAll(' ', '-'),
    spaced.replaceAll(' ', '\u00a0'),
    spaced.replaceAll(' ', '.'),
  ])
}
