/**
 * Support tickets with labelled personal data, and lines without any: the same in every process. The two parts share values of
 * the same kinds and no template.
 */
import { seededRandom } from '../../../demo/random.ts'
import type { Random } from '../../../demo/random.ts'
import { LABELLED_VALUES } from './labelled-values.ts'
import { OTHER_VALUES } from './other-values.ts'
import { HELD_BACK } from './templates/held-back.ts'
import { LABELLED_SLOTS, LANGUAGES } from './templates/templates.ts'
import type {
  LabelledSlot,
  Language,
  OtherSlot,
  Templates,
  TemplateSet,
} from './templates/templates.ts'
import { WRITING } from './templates/writing.ts'

export type Part = 'writing' | 'held-back'

/** One labelled value: UTF-16 offsets, the end not included. */
export interface Label {
  readonly kind: LabelledSlot
  readonly start: number
  readonly end: number
}

export interface LabelledText {
  readonly language: Language
  readonly text: string
  readonly labels: readonly Label[]
}

export interface Corpus {
  readonly tickets: readonly LabelledText[]
  /** Lines without personal data. */
  readonly decoys: readonly LabelledText[]
}

const TICKETS_PER_LANGUAGE = 1_000
const DECOYS_PER_LANGUAGE = 1_000
const LINES_MAX = 4
const PARTS: Readonly<Record<Part, { readonly set: TemplateSet; readonly seed: number }>> = {
  writing: { set: WRITING, seed: 7_001 },
  'held-back': { set: HELD_BACK, seed: 90_001 },
}
const LABELLED: ReadonlySet<string> = new Set(LABELLED_SLOTS)

/** The whole corpus of a part. */
export function generateCorpus(part: Part): Corpus {
  const { set, seed } = PARTS[part]
  const random = seededRandom(seed)
  const many = (count: number, make: (language: Language) => LabelledText) =>
    LANGUAGES.flatMap((language) => Array.from({ length: count }, () => make(language)))
  return {
    tickets: many(TICKETS_PER_LANGUAGE, (language) =>
      fill(ticketTemplate(set[language], random), language, random),
    ),
    decoys: many(DECOYS_PER_LANGUAGE, (language) =>
      fill(random.pick(set[language].decoys), language, random),
    ),
  }
}

function ticketTemplate({ greetings, lines, decoys, closings }: Templates, random: Random): string {
  const count = 1 + random.below(LINES_MAX)
  const body = Array.from({ length: count }, () => random.pick(random.chance(70) ? lines : decoys))
  return [
    random.pick(greetings),
    body.join(random.pick([' ', '\n', '\n\n'])),
    random.pick(closings),
  ]
    .filter((piece) => piece !== '')
    .join('\n')
}

/** The template with a value in each slot, and where the labelled ones stand. */
export function fill(template: string, language: Language, random: Random): LabelledText {
  const labels: Label[] = []
  let text = ''
  for (const [index, piece] of template.split(/[{}]/).entries()) {
    if (index % 2 === 0) {
      text += piece
      continue
    }
    const value = valueOf(piece, language, random)
    if (isLabelled(piece)) {
      labels.push({ kind: piece, start: text.length, end: text.length + value.length })
    }
    text += value
  }
  return { language, text, labels }
}

function isLabelled(slot: string): slot is LabelledSlot {
  return LABELLED.has(slot)
}

function valueOf(slot: string, language: Language, random: Random): string {
  const make = isLabelled(slot) ? LABELLED_VALUES[slot] : OTHER_VALUES[slot as OtherSlot]
  if (make === undefined) throw new RangeError(`no slot named ${slot}`)
  return make(random, language)
}
