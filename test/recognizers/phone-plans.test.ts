/** The compiled numbering plans say what libphonenumber-js says. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import type { CountryCode } from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/mobile/examples'
import { test } from 'tap'
import { seededRandom } from '../../demo/random.ts'
import {
  callingCodeLength,
  callingCodeOf,
  phoneCountries,
  phonePlan,
  validLengths,
} from '../../src/recognizers/checks/phone-plans.ts'
import type { PhonePlan } from '../../src/recognizers/checks/phone-plans.ts'

const random = seededRandom(4_711)
/** Numbers that are tried of each country. */
const TRIES = 40

function isValidHere(international: string): boolean {
  const values = Uint8Array.from(international.slice(1), Number)
  const code = callingCodeLength(values, 0, values.length)
  if (code === 0) return false
  const { plans } = callingCodeOf(Number(international.slice(1, 1 + code)))
  return plans.some((plan) => isNumberOf(plan, international.slice(1 + code)))
}

function isNumberOf(plan: PhonePlan, digits: string): boolean {
  const lengths = validLengths(plan, Uint8Array.from(digits, Number), 0, digits.length)
  return (lengths & (1 << digits.length)) !== 0
}

test('the example of each country is valid', (t) => {
  t.ok(phoneCountries().length > 240)
  for (const country of phoneCountries()) {
    const number = parsePhoneNumberFromString(
      examples[country as CountryCode],
      country as CountryCode,
    )
    const plan = phonePlan(country)
    t.ok(plan !== undefined && isNumberOf(plan, number?.nationalNumber ?? ''), country)
  }
  t.end()
})

test('numbers near the examples are valid here exactly where the library says so', (t) => {
  let valid = 0
  for (const country of phoneCountries()) {
    const number = parsePhoneNumberFromString(
      examples[country as CountryCode],
      country as CountryCode,
    )
    const start = `+${number?.countryCallingCode ?? ''}`
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const national = number?.nationalNumber ?? ''
      const kept = random.below(national.length)
      const length = national.length + (random.chance(30) ? random.below(3) - 1 : 0)
      const text = start + national.slice(0, kept) + random.digits(Math.max(length - kept, 1))
      const theirs = parsePhoneNumberFromString(text)
      // Where it takes off a trunk prefix that stands behind the country code, we do not.
      if (theirs !== undefined && theirs.number !== text) continue
      const isValid = theirs?.isValid() === true
      if (isValidHere(text) !== isValid) t.equal(isValidHere(text), isValid, `${country} ${text}`)
      if (isValid) valid += 1
    }
  }
  t.ok(valid > 1_000, `${valid} were valid`)
  t.end()
})
