/**
 * What a recognizer is: the finder of one kind of personal data in text. One file each in kinds/, listed in registry.ts. A
 * recognizer proposes candidates that have passed its check, with the confidence they have by themselves, behind a word that
 * speaks for them, and behind one that speaks against them. Its time is linear in the text, whatever the text.
 */
import type { NumberRun } from './numbers/number-run.ts'

/** How sure a candidate is, from 0 to 1. */
export interface Confidence {
  /** No listed word stands before it. */
  readonly plain: number
  /** A word of its recognizer stands nearest before it, or behind it. */
  readonly supported: number
  /** A word of goods and papers stands nearest before it. */
  readonly opposed: number
}

/** Proposes `[start, end)` of the text. `check` is asked only where the words around leave the candidate some confidence. */
export type Report = (
  start: number,
  end: number,
  confidence: Confidence,
  check?: () => boolean,
) => void

export type Finder =
  /** Is shown each run of digits, in order; long ones in windows that overlap. */
  | {
      readonly on: 'number'
      /** Whether also those of so few digits that they are hardly ever a number of a person. */
      readonly short?: boolean
      /** Digits of the shortest run that it finds something in, but in one with letters before it or for digits. */
      readonly digitsMin?: number
      readonly find: (run: NumberRun, report: Report) => void
    }
  /** Is asked at each place where one of these ASCII characters stands. */
  | {
      readonly on: 'character'
      readonly characters: string
      readonly find: (text: string, at: number, report: Report) => void
    }
  /** Is asked at each place where one of these ASCII texts of two characters or more begins; answers from where on it is asked again. */
  | {
      readonly on: 'literal'
      readonly literals: readonly string[]
      readonly find: (text: string, at: number, report: Report) => number
    }
  /** Is shown each text once. */
  | { readonly on: 'text'; readonly find: (text: string, report: Report) => void }

export interface RecognizerSettings {
  /** ISO 3166 codes of the countries whose national numbers are looked for. */
  readonly countries: readonly string[]
}

export interface Recognizer {
  readonly name: string
  /** The class of a policy that it works for unless the policy says otherwise. */
  readonly dataClass: string
  /** One sentence for docs/text.md. */
  readonly summary: string
  /** Not part of the class by default: it must be named. */
  readonly optIn: boolean
  /** Words that speak for it: lower-case letters a to z without accents; with `*` at the end all that begin so; `@` for an at sign. */
  readonly words: readonly string[]
  /** Whether a word speaks only for the first number behind it. */
  readonly once?: boolean
  /** Words that speak against it: of goods and versions, unless said. */
  readonly against?: 'versions'
  /** Undefined where the settings leave it nothing to look for. */
  readonly finder: (settings: RecognizerSettings) => Finder | undefined
}

/** The same whatever stands around. */
export function certain(confidence: number): Confidence {
  return { plain: confidence, supported: confidence, opposed: confidence }
}
