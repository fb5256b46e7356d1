/** Resolves the free text of reasons: what must not stand in it, and for whom it is encrypted. */
import { createScanner, RECOGNIZERS_MAX } from '../../recognizers/scanner.ts'
import type { FreeTextRules } from '../reveal/reveal-rules.ts'
import type { PolicyDocument } from '../policy/document.ts'
import type { DataClass } from './classes.ts'
import type { Complaints } from './complaints.ts'

/** Undefined where reasons are codes only. */
export function compileFreeText(
  { reveal }: PolicyDocument,
  classes: ReadonlyMap<string, DataClass>,
  complaints: Complaints,
): FreeTextRules | undefined {
  const freeText = reveal?.freeText
  if (freeText === undefined) return undefined
  for (const [index, name] of freeText.scan.entries()) {
    const path = ['reveal', 'freeText', 'scan', index]
    const known = complaints.requireKnown(path, 'class', name, classes.keys())
    if (known && classes.get(name)?.recognizers.length === 0)
      complaints.add(
        path,
        `nothing finds \`${name}\` in text`,
        `name recognizers or patterns under classes.${name}.find`,
      )
  }
  const recognizers = freeText.scan.flatMap((name) => classes.get(name)?.recognizers ?? [])
  if (recognizers.length > RECOGNIZERS_MAX) {
    complaints.addAtKey(
      ['reveal', 'freeText', 'scan'],
      `more than ${RECOGNIZERS_MAX} recognizers and patterns`,
    )
    return undefined
  }
  const scanner = createScanner(recognizers)
  return {
    key: freeText.key,
    holdsPersonalData: (text) => {
      const { spans, whole } = scanner.find(text)
      return spans.length > 0 || !whole
    },
  }
}
