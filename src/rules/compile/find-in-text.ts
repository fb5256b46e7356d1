/** Resolves how each class is found in text. */
import { isAllowEntry } from '../../recognizers/allow-list.ts'
import { phoneCountries } from '../../recognizers/checks/phone-plans.ts'
import { compilePattern } from '../../recognizers/pattern.ts'
import type { Recognizer } from '../../recognizers/recognizer.ts'
import { DEFAULT_COUNTRIES, RECOGNIZERS } from '../../recognizers/registry.ts'
import { CONFIDENCE_MIN } from '../../recognizers/scanner.ts'
import type { ActiveRecognizer } from '../../recognizers/scanner.ts'
import type { FindDocument, PolicyDocument } from '../policy/document.ts'
import type { PolicyPath } from '../policy/fault.ts'
import type { Complaints } from './complaints.ts'

/** What finds each class, by its name; empty where nothing does. */
export function compileFindInText(
  document: PolicyDocument,
  complaints: Complaints,
): ReadonlyMap<string, readonly ActiveRecognizer[]> {
  const countries = document.defaults?.countries
  checkCountries(countries, ['defaults', 'countries'], complaints)
  return new Map(
    Object.entries(document.classes).map(([name, { find = {} }]) => {
      const path = ['classes', name, 'find']
      checkCountries(find.countries, [...path, 'countries'], complaints)
      const settings = { countries: find.countries ?? countries ?? DEFAULT_COUNTRIES }
      const allowed = checkedAllowList(find, path, complaints)
      const atLeast = find.atLeast ?? CONFIDENCE_MIN
      const recognizers = [
        ...namedRecognizers(name, find),
        ...patterns(name, find, path, complaints),
      ]
      return [
        name,
        recognizers.map((recognizer) => ({
          recognizer,
          dataClass: name,
          settings,
          allowed,
          atLeast,
        })),
      ]
    }),
  )
}

function namedRecognizers(name: string, { recognizers }: FindDocument): readonly Recognizer[] {
  return RECOGNIZERS.filter((recognizer) =>
    recognizers === undefined
      ? recognizer.dataClass === name && !recognizer.optIn
      : recognizers.includes(recognizer.name),
  )
}

function patterns(
  name: string,
  { patterns: written = [] }: FindDocument,
  path: PolicyPath,
  complaints: Complaints,
): readonly Recognizer[] {
  return written.flatMap((pattern, index) => {
    const { recognizer, fault } = compilePattern(pattern, name)
    if (recognizer !== undefined) return [recognizer]
    complaints.add(
      [...path, 'patterns', index],
      `pattern: ${fault}`,
      'patterns are I-Regexps of RFC 9485: no \\d, no look-around, no back-references',
    )
    return []
  })
}

function checkedAllowList(
  { allow = [] }: FindDocument,
  path: PolicyPath,
  complaints: Complaints,
): readonly string[] {
  return allow.filter((entry, index) => {
    if (isAllowEntry(entry)) return true
    complaints.add([...path, 'allow', index], 'an entry names a value, at least in part')
    return false
  })
}

function checkCountries(
  countries: readonly string[] | undefined,
  path: PolicyPath,
  complaints: Complaints,
): void {
  if (countries === undefined) return
  const known = phoneCountries()
  for (const [index, country] of countries.entries()) {
    complaints.requireKnown([...path, index], 'country', country, known)
  }
}
