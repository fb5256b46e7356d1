/**
 * Numbering plans of countries, compiled from the tables of libphonenumber-js to one automaton each: the library itself parses text,
 * which takes thousands of times as long. A test holds both against each other.
 */
import assert from 'node:assert/strict'
import metadata from 'libphonenumber-js/max/metadata'
import { compileRegexp } from '../../json/regexp/program.ts'
import { DigitAutomaton } from './digit-automaton.ts'

export interface PhonePlan {
  readonly country: string
  /** The prefix of national numbers, `0` in most of Europe; empty where there is none. */
  readonly trunk: string
  /** Whether national numbers are always written with it. */
  readonly trunkNeeded: boolean
  /** Bit n: a number without prefixes may have n digits. */
  readonly lengths: number
  /** Numbers of a known kind, without prefixes; those of other lengths are none. */
  readonly automaton: DigitAutomaton
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
const callingCodes: (CallingCode | undefined)[] = Array.from({
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

/** The countries of a calling code. */
export interface CallingCode {
  readonly plans: readonly PhonePlan[]
  /** Bit n: a number of one of them may have n digits. */
  readonly lengths: number
}

/** What stands behind a calling code; without plans where nothing is known of it. */
export function callingCodeOf(code: number): CallingCode {
  const known = callingCodes[code]
  if (known !== undefined) return known
  const plans = (BY_CALLING_CODE[code] ?? []).flatMap((country) => phonePlan(country) ?? [])
  const lengths = plans.reduce((all, plan) => all | plan.lengths, 0)
  const compiled = { plans, lengths }
  if (code < callingCodes.length) callingCodes[code] = compiled
  return compiled
}

function compile(country: string, table: Table): PhonePlan {
  const lengths = bits(table[LENGTHS] as readonly number[])
  const general = table[PATTERN] as string
  const types = ((table[TYPES] || []) as readonly NumberType[]).flatMap((type) =>
    type === 0 || type[0] === '' ? [] : [type[0]],
  )
  const trunk = (table[TRUNK] || '') as string
  return {
    country,
    trunk,
    trunkNeeded: isTrunkNeeded(trunk, (table[FORMATS] || []) as readonly Format[]),
    lengths,
    automaton: automatonOf((types.length === 0 ? [general] : types).join('|')),
  }
}

/** The tables are written in digits, `\d`, classes of digits, groups, alternatives and quantifiers. */
function automatonOf(pattern: string): DigitAutomaton {
  const { program } = compileRegexp(
    pattern.replaceAll(String.raw`\d`, '[0-9]').replaceAll('(?:', '('),
  )
  assert.ok(program !== undefined, 'a numbering plan is an expression of digits')
  return new DigitAutomaton(program)
}

/** Bit n is set where the first n of `values[from]` to `values[to - 1]` are a valid number of the plan, without prefixes. */
export function validLengths(
  { automaton, lengths }: PhonePlan,
  values: Uint8Array,
  from: number,
  to: number,
): number {
  return automaton.matches(values, from, to) & lengths
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
