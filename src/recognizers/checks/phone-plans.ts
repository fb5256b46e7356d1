/**
 * Numbering plans of countries, compiled from the tables of libphonenumber-js: a few regular expressions for a number of a known
 * country, where the library itself parses text, which takes some fifty times as long. A test holds both against each other.
 */
import metadata from 'libphonenumber-js/max/metadata'

export interface PhonePlan {
  readonly country: string
  /** The prefix of national numbers, `0` in most of Europe; empty where there is none. */
  readonly trunk: string
  /** Whether national numbers are always written with it. */
  readonly trunkNeeded: boolean
  /** Bit n: a number without prefixes may have n digits. */
  readonly lengths: number
  /** What its numbers, without prefixes, are like. */
  readonly pattern: RegExp
  /** True where the digits, without prefixes, are a number of a known kind. */
  readonly isValid: (digits: string) => boolean
}

// Positions in the library's compact tables, as its METADATA.md names them.
const PATTERN = 2
const LENGTHS = 3
const FORMATS = 4
const TRUNK = 5
const FORMAT_RULE = 3
const FORMAT_TRUNK_OPTIONAL = 4
const TYPES = 11

const CALLING_CODE_DIGITS_MAX = 3

interface Table {
  readonly [position: number]: unknown
}
type Format = readonly [string, string, unknown, (string | 0)?, (1 | 0)?]
type NumberType = readonly [string, (readonly number[])?] | 0

const plans = new Map<string, PhonePlan>()
const COUNTRIES = metadata.countries as Readonly<Record<string, Table | undefined>>
const BY_CALLING_CODE = metadata.country_calling_codes as Readonly<
  Record<string, readonly string[] | undefined>
>
const isCallingCode = new Uint8Array(10 ** CALLING_CODE_DIGITS_MAX)
for (const code of Object.keys(BY_CALLING_CODE)) isCallingCode[Number(code)] = 1
const plansByCallingCode: (readonly PhonePlan[] | undefined)[] = Array.from({
  length: 10 ** CALLING_CODE_DIGITS_MAX,
})

/** Countries that have a plan, by ISO 3166 code. */
export function phoneCountries(): readonly string[] {
  return Object.keys(COUNTRIES)
}

/** The plan of a country; undefined where there is none. Compiled once. */
export function phonePlan(country: string): PhonePlan | undefined {
  const known = plans.get(country)
  if (known !== undefined) return known
  const table = COUNTRIES[country]
  if (table === undefined) return undefined
  const plan = compile(country, table)
  plans.set(country, plan)
  return plan
}

/**
 * Digits of the calling code that the number begins with, of `count` from `first` on; 0 where there is none. No code is the start
 * of another one (ITU-T E.164).
 */
export function callingCodeLength(values: Uint8Array, first: number, count: number): number {
  let code = 0
  for (let length = 1; length <= CALLING_CODE_DIGITS_MAX && length <= count; length += 1) {
    code = code * 10 + (values[first + length - 1] as number)
    if (isCallingCode[code] === 1) return length
  }
  return 0
}

/** Whether a number behind this calling code is valid in one of its countries, or has at least a length that they have. */
export function checkInternational(
  callingCode: number,
  digits: string,
): 'valid' | 'possible' | 'impossible' {
  let possible = false
  for (const plan of plansOf(callingCode)) {
    if (plan.isValid(digits)) return 'valid'
    possible ||= (plan.lengths & (1 << digits.length)) !== 0
  }
  return possible ? 'possible' : 'impossible'
}

function plansOf(callingCode: number): readonly PhonePlan[] {
  const known = plansByCallingCode[callingCode]
  if (known !== undefined) return known
  const countries = BY_CALLING_CODE[callingCode] ?? []
  const compiled = countries.flatMap((country) => phonePlan(country) ?? [])
  plansByCallingCode[callingCode] = compiled
  return compiled
}

function compile(country: string, table: Table): PhonePlan {
  const lengths = bits(table[LENGTHS] as readonly number[])
  const general = table[PATTERN] as string
  const types = ((table[TYPES] || []) as readonly NumberType[]).flatMap((type) =>
    type === 0 || type[0] === '' ? [] : [type[0]],
  )
  const trunk = (table[TRUNK] || '') as string
  const pattern = new RegExp(`^(?:${(types.length === 0 ? [general] : types).join('|')})$`)
  return {
    country,
    trunk,
    trunkNeeded: isTrunkNeeded(trunk, (table[FORMATS] || []) as readonly Format[]),
    lengths,
    pattern,
    isValid: (digits) => (lengths & (1 << digits.length)) !== 0 && pattern.test(digits),
  }
}

function isTrunkNeeded(trunk: string, formats: readonly Format[]): boolean {
  if (trunk === '' || formats.length === 0) return trunk !== ''
  return formats.every((format) => {
    const rule = format[FORMAT_RULE]
    return typeof rule === 'string' && rule.includes(trunk) && format[FORMAT_TRUNK_OPTIONAL] !== 1
  })
}

function bits(lengths: readonly number[]): number {
  return lengths.reduce((all, length) => all | (1 << length), 0)
}
