/** The forms of national numbers whose checks stdnum knows: how their digits are grouped, and how much the check says. */
import { validate as beNn } from 'stdnum/lib/cjs/be/nn.js'
import { validate as brCpf } from 'stdnum/lib/cjs/br/cpf.js'
import { validate as caSin } from 'stdnum/lib/cjs/ca/sin.js'
import { validate as chSsn } from 'stdnum/lib/cjs/ch/ssn.js'
import { validate as clRut } from 'stdnum/lib/cjs/cl/rut.js'
import { validate as deIdnr } from 'stdnum/lib/cjs/de/idnr.js'
import { validate as dkCpr } from 'stdnum/lib/cjs/dk/cpr.js'
import { validate as fiHetu } from 'stdnum/lib/cjs/fi/hetu.js'
import { validate as frNir } from 'stdnum/lib/cjs/fr/nir.js'
import { validate as gbNino } from 'stdnum/lib/cjs/gb/nino.js'
import { validate as iePps } from 'stdnum/lib/cjs/ie/pps.js'
import { validate as itCodiceFiscale } from 'stdnum/lib/cjs/it/codicefiscale.js'
import { validate as mxCurp } from 'stdnum/lib/cjs/mx/curp.js'
import { validate as nlBsn } from 'stdnum/lib/cjs/nl/bsn.js'
import { validate as noFodselsnummer } from 'stdnum/lib/cjs/no/fodselsnummer.js'
import { validate as plPesel } from 'stdnum/lib/cjs/pl/pesel.js'
import { validate as ptNif } from 'stdnum/lib/cjs/pt/nif.js'
import { validate as roCnp } from 'stdnum/lib/cjs/ro/cnp.js'
import { validate as sePersonnummer } from 'stdnum/lib/cjs/se/personnummer.js'
import { gapOf } from '../numbers/number-run.ts'
import type { Confidence } from '../recognizer.ts'

type Validate = (value: string) => { readonly isValid: boolean }

/** Digits in groups. */
export interface DigitForm {
  readonly sizes: readonly number[]
  /** What stands between the groups; undefined: the same blank, hyphen or full stop each time. */
  readonly gaps?: readonly number[]
  readonly confidence: Confidence
}

export interface NationalNumber {
  readonly country: string
  readonly name: string
  /** Asked of digits from `first` on, before `isValid`, which takes a thousand times as long where a check fails. */
  readonly mayBe?: (values: Uint8Array, first: number) => boolean
  readonly isValid: (value: string) => boolean
  readonly digits: readonly DigitForm[]
  /** The whole of a number that has letters, as it is written. */
  readonly token?: {
    /** Letters before the first digit. */
    readonly letters: number
    readonly pattern: RegExp
    readonly confidence: Confidence
  }
}

const STRONG: Confidence = { plain: 0.9, supported: 0.98, opposed: 0.6 }
const MIDDLING: Confidence = { plain: 0.6, supported: 0.95, opposed: 0.3 }
const WEAK: Confidence = { plain: 0.4, supported: 0.9, opposed: 0.1 }
const BY_CONTEXT: Confidence = { plain: 0.1, supported: 0.85, opposed: 0.03 }

const gapsOf = (...gaps: readonly string[]): readonly number[] => gaps.map(gapOf)

const checked =
  (validate: Validate) =>
  (value: string): boolean =>
    validate(value).isValid

/** In the order of the documentation. */
export const NATIONAL_NUMBERS: readonly NationalNumber[] = [
  {
    country: 'FR',
    name: 'NIR',
    mayBe: hasNirKey,
    isValid: checked(frNir),
    digits: [
      { sizes: [1, 2, 2, 2, 3, 3, 2], confidence: STRONG },
      { sizes: [13, 2], confidence: STRONG },
      { sizes: [15], confidence: STRONG },
    ],
  },
  {
    country: 'DE',
    name: 'Steuer-ID',
    mayBe: hasIdnrDigit,
    isValid: checked(deIdnr),
    digits: [
      { sizes: [2, 3, 3, 3], confidence: STRONG },
      { sizes: [11], confidence: MIDDLING },
    ],
  },
  {
    country: 'PT',
    name: 'NIF',
    mayBe: hasNifDigit,
    isValid: checked(ptNif),
    digits: [
      { sizes: [3, 3, 3], confidence: BY_CONTEXT },
      { sizes: [9], confidence: BY_CONTEXT },
    ],
  },
  {
    country: 'BR',
    name: 'CPF',
    mayBe: hasFirstCpfDigit,
    isValid: checked(brCpf),
    digits: [
      { sizes: [3, 3, 3, 2], gaps: gapsOf('.', '.', '-'), confidence: STRONG },
      { sizes: [9, 2], gaps: gapsOf('-'), confidence: STRONG },
      { sizes: [11], confidence: MIDDLING },
    ],
  },
  {
    country: 'GB',
    name: 'National Insurance',
    isValid: checked(gbNino),
    digits: [],
    token: {
      letters: 2,
      pattern: /^[A-Za-z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-Da-d](?![A-Za-z0-9])/,
      confidence: { plain: 0.8, supported: 0.98, opposed: 0.4 },
    },
  },
  {
    country: 'IT',
    name: 'codice fiscale',
    isValid: checked(itCodiceFiscale),
    digits: [],
    token: {
      letters: 6,
      pattern:
        /^[A-Za-z]{6} ?[0-9LMNP-Vl-np-v]{2}[A-Za-z][0-9LMNP-Vl-np-v]{2} ?[A-Za-z][0-9LMNP-Vl-np-v]{3}[A-Za-z](?![A-Za-z0-9])/,
      confidence: STRONG,
    },
  },
  {
    country: 'MX',
    name: 'CURP',
    isValid: checked(mxCurp),
    digits: [],
    token: {
      letters: 4,
      pattern: /^[A-Za-z]{4}\d{6}[A-Za-z]{6}[A-Za-z0-9]\d(?![A-Za-z0-9])/,
      confidence: STRONG,
    },
  },
  {
    country: 'NL',
    name: 'BSN',
    isValid: checked(nlBsn),
    digits: [
      { sizes: [9], confidence: BY_CONTEXT },
      { sizes: [4, 2, 3], confidence: WEAK },
    ],
  },
  {
    country: 'BE',
    name: 'rijksregisternummer',
    isValid: checked(beNn),
    digits: [
      { sizes: [2, 2, 2, 3, 2], gaps: gapsOf('.', '.', '-', '.'), confidence: STRONG },
      { sizes: [11], confidence: MIDDLING },
    ],
  },
  {
    country: 'PL',
    name: 'PESEL',
    isValid: checked(plPesel),
    digits: [{ sizes: [11], confidence: WEAK }],
  },
  {
    country: 'CH',
    name: 'AHV',
    isValid: checked(chSsn),
    digits: [
      { sizes: [3, 4, 4, 2], confidence: STRONG },
      { sizes: [13], confidence: STRONG },
    ],
  },
  {
    country: 'SE',
    name: 'personnummer',
    isValid: (digits) => sePersonnummer(withHyphen(digits)).isValid,
    digits: [
      { sizes: [6, 4], gaps: gapsOf('-'), confidence: MIDDLING },
      { sizes: [8, 4], gaps: gapsOf('-'), confidence: STRONG },
    ],
  },
  {
    country: 'DK',
    name: 'CPR',
    isValid: (digits) => dkCpr(withHyphen(digits)).isValid,
    digits: [{ sizes: [6, 4], gaps: gapsOf('-'), confidence: WEAK }],
  },
  {
    country: 'NO',
    name: 'fødselsnummer',
    isValid: checked(noFodselsnummer),
    digits: [
      { sizes: [6, 5], confidence: MIDDLING },
      { sizes: [11], confidence: MIDDLING },
    ],
  },
  {
    country: 'FI',
    name: 'henkilötunnus',
    isValid: checked(fiHetu),
    digits: [],
    token: {
      letters: 0,
      pattern: /^\d{6}[-+A]\d{3}[0-9A-Y](?![A-Za-z0-9])/,
      confidence: STRONG,
    },
  },
  {
    country: 'IE',
    name: 'PPS',
    isValid: checked(iePps),
    digits: [],
    token: { letters: 0, pattern: /^\d{7}[A-W][ABW]?(?![A-Za-z0-9])/, confidence: MIDDLING },
  },
  {
    country: 'CL',
    name: 'RUT',
    isValid: (value) => clRut(value.replaceAll('.', '')).isValid,
    digits: [],
    token: {
      letters: 0,
      pattern: /^\d{1,2}\.\d{3}\.\d{3}-[0-9Kk](?![A-Za-z0-9])/,
      confidence: STRONG,
    },
  },
  {
    country: 'CA',
    name: 'SIN',
    isValid: checked(caSin),
    digits: [
      { sizes: [3, 3, 3], confidence: WEAK },
      { sizes: [9], confidence: BY_CONTEXT },
    ],
  },
  {
    country: 'RO',
    name: 'CNP',
    isValid: checked(roCnp),
    digits: [{ sizes: [13], confidence: MIDDLING }],
  },
]

/** The key is 97 less the rest of the others by 97. */
function hasNirKey(values: Uint8Array, first: number): boolean {
  let rest = 0
  for (let at = 0; at < 13; at += 1) rest = (rest * 10 + (values[first + at] as number)) % 97
  return 97 - rest === (values[first + 13] as number) * 10 + (values[first + 14] as number)
}

/** ISO 7064, modulus 11 and 10; the first digit is no zero. */
function hasIdnrDigit(values: Uint8Array, first: number): boolean {
  if (values[first] === 0) return false
  let product = 10
  for (let at = 0; at < 10; at += 1) {
    const sum = ((values[first + at] as number) + product) % 10
    product = ((sum === 0 ? 10 : sum) * 2) % 11
  }
  return (11 - product) % 10 === values[first + 10]
}

/** The weighted sum of all digits is a multiple of 11; a rest of 10 is written as 0. */
function hasNifDigit(values: Uint8Array, first: number): boolean {
  let sum = 0
  for (let at = 0; at < 8; at += 1) sum += (values[first + at] as number) * (9 - at)
  const check = 11 - (sum % 11)
  return (check > 9 ? 0 : check) === values[first + 8]
}

/** The tenth digit is a sum over the nine before it. */
function hasFirstCpfDigit(values: Uint8Array, first: number): boolean {
  let sum = 0
  for (let at = 0; at < 9; at += 1) sum += (values[first + at] as number) * (10 - at)
  return ((sum * 10) % 11) % 10 === values[first + 9]
}

/** Before the last four digits. */
function withHyphen(digits: string): string {
  return `${digits.slice(0, -4)}-${digits.slice(-4)}`
}
