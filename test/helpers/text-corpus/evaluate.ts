/** Measures the recognizers on the corpus. */
import { DEFAULT_COUNTRIES, RECOGNIZERS } from '../../../src/recognizers/registry.ts'
import { CONFIDENCE_MIN, createScanner } from '../../../src/recognizers/scanner.ts'
import type { Scanner } from '../../../src/recognizers/scanner.ts'
import { byConfidence, endOf, mergeOverlaps, startOf } from '../../../src/recognizers/span.ts'
import { ScoreBoard } from '../../../src/redaction/evaluation/score.ts'
import type { LabelledSpan, Score } from '../../../src/redaction/evaluation/score.ts'
import { generateCorpus } from './generate.ts'
import type { LabelledText, Part } from './generate.ts'

/** What the corpus calls the values of a recognizer; others have its name. */
const KINDS: Readonly<Record<string, string>> = {
  'us-ssn': 'ssn',
  'es-dni': 'dni',
  'es-cif': 'cif',
  ipv4: 'ip',
  ipv6: 'ip',
  'address-en': 'address',
  'address-es': 'address',
}
/** Kinds of the corpus that one recognizer finds. */
const NATIONAL: ReadonlySet<string> = new Set(['nino', 'nir', 'idnr', 'nif', 'cpf'])

const PRECEDENCE = byConfidence(RECOGNIZERS.map(({ name }) => name))

/** A scanner of the default recognizers, or with `all` of those that must be asked for too. */
export function corpusScanner(all = false): Scanner {
  return createScanner(
    RECOGNIZERS.filter(({ optIn }) => all || !optIn).map((recognizer) => ({
      recognizer,
      dataClass: recognizer.dataClass,
      settings: { countries: DEFAULT_COUNTRIES },
      allowed: [],
      atLeast: CONFIDENCE_MIN,
    })),
  )
}

/** What a scanner finds, without overlaps, in the words of the corpus. */
export function findKinds(scanner: Scanner, text: string): readonly LabelledSpan[] {
  return mergeOverlaps(text, scanner.find(text).spans, PRECEDENCE).map((span) => ({
    kind: KINDS[span.recognizer] ?? span.recognizer,
    start: startOf(span),
    end: endOf(span),
  }))
}

/** The labels of a text, in the words of {@link findKinds}. */
export function labelsOf({ labels }: LabelledText): readonly LabelledSpan[] {
  return labels.map((label) => (NATIONAL.has(label.kind) ? { ...label, kind: 'national' } : label))
}

export interface Evaluation {
  readonly scores: readonly Score[]
  /** Lines without personal data in which the default recognizers found some. */
  readonly altered: readonly string[]
}

export function evaluate(part: Part): Evaluation {
  const { tickets, decoys } = generateCorpus(part)
  const [all, byDefault] = [corpusScanner(true), corpusScanner()]
  const board = new ScoreBoard()
  for (const ticket of tickets) {
    board.add(ticket.text, labelsOf(ticket), findKinds(all, ticket.text))
  }
  return {
    scores: board.scores(),
    altered: decoys.flatMap(({ text }) => (findKinds(byDefault, text).length > 0 ? [text] : [])),
  }
}
