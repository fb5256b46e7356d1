/** Scanners for tests, and what they find in plain words. */
import { DEFAULT_COUNTRIES, RECOGNIZERS } from '../../src/recognizers/registry.ts'
import type { ActiveRecognizer } from '../../src/recognizers/scanner.ts'
import { CONFIDENCE_MIN, createScanner } from '../../src/recognizers/scanner.ts'
import { byConfidence, mergeOverlaps } from '../../src/recognizers/span.ts'

export const PRECEDENCE = byConfidence(RECOGNIZERS.map(({ name }) => name))

/** All recognizers, or those of these names, those that must be asked for among them. */
export function active(
  names?: readonly string[],
  change: Partial<Omit<ActiveRecognizer, 'recognizer'>> = {},
): readonly ActiveRecognizer[] {
  return RECOGNIZERS.filter(({ name }) => names?.includes(name) ?? true).map((recognizer) => ({
    recognizer,
    dataClass: recognizer.dataClass,
    settings: { countries: DEFAULT_COUNTRIES },
    allowed: [],
    atLeast: CONFIDENCE_MIN,
    ...change,
  }))
}

/** `recognizer: the source's characters`, for each span; pieces are joined by a bar. */
export function found(text: string, recognizers = active()): readonly string[] {
  const { spans } = createScanner(recognizers).find(text)
  return mergeOverlaps(text, spans, PRECEDENCE).map(
    ({ recognizer, pieces }) =>
      `${recognizer}: ${pieces.map(({ start, end }) => text.slice(start, end)).join('|')}`,
  )
}
