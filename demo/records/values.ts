/**
 * Makes the values that a policy masks: each only once, so that a test which finds one knows whose
 * it is. All are made up and lie in ranges that belong to nobody: test card numbers, telephone
 * numbers kept for fiction, example domains, addresses for documentation.
 */
import type { Random } from '../random.ts'
import { passesLuhn, withCheckDigit } from './luhn.ts'
import type { People } from './names.ts'

export interface Values {
  /**
   * A card number with a right check digit, from the prefixes of published test cards; 15 or 16
   * digits.
   */
  readonly card: () => string
  /** 16 digits that look like a card number and fail its check. */
  readonly orderNumber: () => string
  /** E.164, from a range that its country keeps for fiction. */
  readonly phone: (range: People['phone']) => string
  /** Without spaces, check digits right (ISO 13616), at a bank that does not exist. */
  readonly iban: () => string
  readonly nationalId: (kind: People['nationalId']) => string
  /** At example.com, .org or .net (RFC 2606). `local` gets a number where it is taken. */
  readonly email: (local: string) => string
  /** Documentation ranges, RFC 5737 and RFC 3849. */
  readonly address: () => string
  readonly birthDate: () => string
  /** A decimal id as text: `big` ones lie over 2^53 and below 2^63. */
  readonly id: (big: boolean) => string
  /** Every card number given out so far. */
  readonly cards: ReadonlySet<string>
  /** Every order number given out so far. */
  readonly orderNumbers: ReadonlySet<string>
}

/** Draws before a range counts as used up. */
const DRAWS_MAX = 10_000
const CARD_PREFIXES = [
  '424242',
  '411111',
  '400000',
  '555555',
  '222300',
  '601111',
  '356600',
  '378282',
]
const AREA_CODES = ['212', '312', '415', '503', '617', '702', '808', '919']
const DOCUMENTATION_NETS = ['192.0.2', '198.51.100', '203.0.113']
const DNI_LETTERS = 'TRWAGMYFPDXBNJZSQVHLCKE'

/** Values in the order that `random` gives; two of the same kind are never equal. */
export function uniqueValues(random: Random): Values {
  const cards = new Set<string>()
  const orderNumbers = new Set<string>()
  const others = new Set<string>()
  return {
    card: () => unique(cards, () => cardNumber(random)),
    orderNumber: () => unique(orderNumbers, () => failingCheck(`4${random.digits(15)}`)),
    phone: (range) => unique(others, () => phoneNumber(random, range)),
    iban: () => unique(others, () => failingCheck(iban(random))),
    nationalId: (kind) => unique(others, () => nationalId(random, kind)),
    email: (local) => {
      let attempt = 0
      return unique(others, () => {
        attempt += 1
        return `${local}${attempt === 1 ? '' : attempt}@example.${random.pick(['com', 'org', 'net'])}`
      })
    },
    address: () => unique(others, () => ipAddress(random)),
    birthDate: () => unique(others, () => birthDate(random)),
    id: (big) =>
      unique(others, () => {
        return failingCheck(
          big ? `${1 + random.below(8)}${random.digits(18)}` : `36${random.digits(10)}`,
        )
      }),
    cards,
    orderNumbers,
  }
}

function unique(taken: Set<string>, draw: () => string | undefined): string {
  for (let draws = 0; draws < DRAWS_MAX; draws += 1) {
    const value = draw()
    if (value !== undefined && !taken.has(value)) {
      taken.add(value)
      return value
    }
  }
  throw new RangeError('the range is used up')
}

/** `text`, or undefined where its digits would pass for a card number. */
function failingCheck(text: string): string | undefined {
  const runs = text.match(/\d+/g) ?? []
  return runs.some((run) => run.length > 12 && passesLuhn(run)) ? undefined : text
}

function cardNumber(random: Random): string {
  const prefix = random.pick(CARD_PREFIXES)
  return withCheckDigit(prefix + random.digits(prefix === '378282' ? 8 : 9))
}

function phoneNumber(random: Random, range: People['phone']): string {
  switch (range) {
    case 'us':
      return `+1${random.pick(AREA_CODES)}55501${random.digits(2)}`
    case 'gb':
      return `+447700900${random.digits(3)}`
    case 'fr':
      return `+3363998${random.digits(4)}`
    case 'de':
      return `+493023125${random.digits(3)}`
    default:
      throw new RangeError('no such range')
  }
}

function iban(random: Random): string {
  const [country, account] = random.pick([
    ['ES', `00000000${random.digits(12)}`],
    ['DE', `00000000${random.digits(10)}`],
    ['GB', `TEST000000${random.digits(8)}`],
  ] as const)
  const asNumber = `${account}${country}00`.replaceAll(/[A-Z]/g, (letter) => {
    return `${letter.charCodeAt(0) - 55}`
  })
  const check = 98n - (BigInt(asNumber) % 97n)
  return `${country}${`${check}`.padStart(2, '0')}${account}`
}

function nationalId(random: Random, kind: People['nationalId']): string {
  if (kind === 'es') {
    const digits = `99${random.digits(6)}`
    return `${digits}${DNI_LETTERS[Number(digits) % 23]}`
  }
  // A National Insurance number never starts with QQ, a Social Security number never with 9.
  if (kind === 'gb') return `QQ${random.digits(6)}${random.pick(['A', 'B', 'C', 'D'])}`
  if (kind === 'us') return `9${random.digits(2)}-0${1 + random.below(9)}-${random.digits(4)}`
  return `ZZ${random.digits(7)}`
}

function birthDate(random: Random): string {
  const month = `${1 + random.below(12)}`.padStart(2, '0')
  const day = `${1 + random.below(28)}`.padStart(2, '0')
  return `${1945 + random.below(60)}-${month}-${day}`
}

function ipAddress(random: Random): string {
  if (random.chance(30)) {
    return `2001:db8::${(random.below(0xfff) + 1).toString(16)}:${(random.below(0xfff) + 1).toString(16)}`
  }
  return `${random.pick(DOCUMENTATION_NETS)}.${1 + random.below(254)}`
}
